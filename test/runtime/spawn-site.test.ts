// Where a closure was spawned that is spawned again and again: the library does not ask V8 each time.
import assert from "node:assert/strict";
import { Workspace } from "./process.js";

/** Prints all the places that the panics of each call name. */
const report = `
  import { move, ThreadPool, thread } from "fearless-threads";
  const pool = new ThreadPool({ size: 1 });
  const places = new Map();
  thread.setPanicHook(() => {});
  export async function note(name, handle) {
    const { file, line, column } = (await handle.join()).error.position;
    if (!places.has(name)) places.set(name, new Set());
    places.get(name).add(file.split("/").at(-1) + ":" + line + ":" + column);
  }
  export const print = () => {
    for (const [name, found] of places) console.log([name, ...found].join(" "));
  };
  export { pool, move, thread };
`;

describe("a closure that is spawned often", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  async function placesOf(program: string): Promise<readonly string[]> {
    workspace.write("report.js", report);
    const head = `import { move, note, pool, print, thread } from "./report.js";\n`;
    const file = workspace.write("program.js", `${head}${program.trim()}\nprint();\n`);
    const { code, stdout, stderr } = await workspace.node(file);
    assert.equal(code, 0, stderr);
    return stdout.trim().split("\n");
  }

  it("names the place where it threw, and where it was spawned, each time", async () => {
    const places = await placesOf(`
for (let i = 0; i < 200; i++) {
  await note("pool", pool.spawn(move(i), (i) => { throw new Error("pool " + i); }));
  await note("thread", thread.spawn(() => { throw new Error("thread"); }));
  await note("spawned", pool.spawn(move(i), (i) => { throw i; }));
}`);
    assert.deepEqual(places, ["pool program.js:3:57", "thread program.js:4:51", "spawned program.js:5:30"]);
  });

  it("names its own place where the same text is written twice", async () => {
    const places = await placesOf(`
for (let i = 0; i < 100; i++) await note("one", pool.spawn(() => { throw new Error("x"); }));
for (let i = 0; i < 100; i++) await note("two", pool.spawn(() => { throw new Error("x"); }));`);
    assert.deepEqual(places, ["one program.js:2:74", "two program.js:3:74"]);
  });

  it("names the call, where one closure is spawned by several", async () => {
    const places = await placesOf(`
const jobs = [() => { throw 1; }];
for (let i = 0; i < 100; i++) await note("one", pool.spawn(jobs[0]));
for (let i = 0; i < 100; i++) await note("two", pool.spawn(jobs[0]));`);
    assert.deepEqual(places, ["one program.js:3:54", "two program.js:4:54"]);
  });

  it("notices another file with the same text, some calls later", async () => {
    workspace.write(
      "other.js",
      `import { note, pool } from "./report.js";\n\n\nfor (let i = 0; i < 100; i++) await note(i < 32 ? "first" : "later", pool.spawn(() => { throw 1; }));\n`,
    );
    const places = await placesOf(`
for (let i = 0; i < 100; i++) await note("here", pool.spawn(() => { throw 1; }));
await import("./other.js");`);
    assert.deepEqual(places.slice(0, 1), ["here program.js:2:55"]);
    assert.ok(places.includes("later other.js:4:75"), places.join("\n"));
  });
});
