/** Which getters of a file start threads. */
import assert from "node:assert/strict";
import { startingGetters } from "../../../server/src/analysis/mir/getters.js";
import { withTree } from "./parse.js";

const senders = new Map([
  ["spawn", "all"],
  ["Worker", "all"],
  ["send", "members"],
] as const);

function found(body: string): Promise<readonly string[]> {
  const text = `class Jobs {\n  get worker() {\n${body}\n  }\n}`;
  return withTree("main.ts", text, (tree) => [...startingGetters(tree, senders)]);
}

describe("mir: getters", () => {
  const bodies: readonly (readonly [string, string, boolean])[] = [
    ["a call of a member", "return thread.spawn(() => 1);", true],
    ["a call of an import", "return spawn(() => 1);", true],
    ["a call with type arguments", "return thread.spawn<Map<string, number[]>>(() => new Map());", true],
    ["an optional call", "return this.threads?.spawn?.(() => 1);", true],
    ["a constructor", 'return new Worker("./worker.js");', true],
    ["a constructor of a namespace", 'return new threads.Worker("./worker.js");', true],
    ["a call inside another one", "return keep(wrap(() => thread.spawn(() => 1)));", true],
    ["a comment", "// Started by thread.spawn(() => 1).\nreturn this.handle;", false],
    ["a comment inside of code", "return this.handle /* = spawn(() => 1) */;", false],
    ["a string", 'return "thread.spawn(() => 1)";', false],
    ["a template's text", "return `new Worker(1)`;", false],
    ["a method of that name", "return { spawn() { return 1; } };", false],
    ["a mention without a call", "return thread.spawn;", false],
    ["what sends to a thread that is there", "return this.thread.send(1);", false],
  ];
  for (const [what, body, expected] of bodies) {
    it(`${what} ${expected ? "is one" : "is none"}`, async () => {
      assert.deepEqual(await found(body), expected ? ["worker"] : []);
    });
  }

  it("knows a call behind a comment in the getter's head", async () => {
    const text = "const jobs = { get /* lazily */ worker( /* nothing */ ) { return spawn(() => 1); } };";
    assert.deepEqual(await withTree("main.ts", text, (tree) => [...startingGetters(tree, senders)]), ["worker"]);
  });
});
