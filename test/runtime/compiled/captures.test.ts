import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { type ThreadPanic, thread } from "fearless-threads";
import { Workspace } from "../process.js";
import { compileAll } from "./compilers.js";

const source = fileURLToPath(new URL("./captures.ts", import.meta.url));
const text = readFileSync(source, "utf8");

/** What a panic says of a closure that uses what a thread does not have. */
const says: Readonly<Record<string, RegExp>> = {
  "named import": /`readFileSync` is imported at the top.*const \{ readFileSync \} = await import\("node:fs"\)/,
  namespace: /is imported at the top.*const (?:path|\{ join \}) = await import\("node:path"\)/,
  variable: /`outside` is a variable outside the closure.*move it in: spawn\(move\(outside\), \(outside\) => …\)/,
  function: /`helps` is a function outside the closure/,
};

describe("a panic for what a compiled closure captures", function () {
  this.timeout(60_000);
  const workspace = new Workspace();
  after(() => workspace.remove());

  it("says what to do in the words of the source, whoever compiled it", async () => {
    const names = new Map<string, string>();
    for (const { name, code, format } of await compileAll(source, text)) {
      const file = `${name.replace(/[^\w.]+/g, "-")}.${format === "cjs" ? "cjs" : "mjs"}`;
      names.set(workspace.write(file, code), name);
    }
    workspace.write(
      "runner.mjs",
      `for (const file of process.argv.slice(2)) {
         const program = await import(file);
         console.log(JSON.stringify([file, await (program.run ?? program.default.run)()]));
       }`,
    );
    const ended = await workspace.node("runner.mjs", [], [...names.keys()]);
    assert.deepEqual([ended.code, ended.stderr], [0, ""]);
    const outcomes = ended.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as [string, Record<string, string>]);
    assert.equal(outcomes.length, names.size);
    const wrong = outcomes.flatMap(([file, said]) =>
      Object.entries(says)
        .filter(([what, pattern]) => !pattern.test(said[what] ?? ""))
        .map(([what]) => [names.get(file) ?? file, what, said[what]] as const),
    );
    // FIXME: esbuild's map has no place for a namespace that it bundles and minifies, so the minifier's name is used.
    const isUnmapped = ([name, what]: (typeof wrong)[number]) => what === "namespace" && /bundled, minified/.test(name);
    assert.deepEqual(
      wrong.filter((found) => !isUnmapped(found)),
      [],
    );
    for (const [, , said] of wrong.filter(isUnmapped))
      assert.match(said ?? "", /^(\w+) is not defined: `\1` is a variable/);
  });

  /** The panic of a closure with this text, as a tool would have written it. */
  async function panicOf(closure: string): Promise<ThreadPanic> {
    thread.setPanicHook(() => {});
    const result = await thread.spawn(new Function(`return ${closure}`)()).join();
    thread.setPanicHook(undefined);
    assert.ok(!result.ok);
    return result.error;
  }

  it("knows the names that Vite and webpack give to imports", async () => {
    for (const name of ["__vite_ssr_import_0__", "__vi_import_0__", "fs__WEBPACK_IMPORTED_MODULE_0__"]) {
      const { message } = await panicOf(`() => (0, ${name}.readFileSync)(".")`);
      assert.match(message, /`readFileSync` is imported at the top of the file.*import it inside the closure/);
    }
  });

  it("names the helper that is missing, and what to do", async () => {
    for (const name of ["__propGetter", "_class_private_unheard_of"]) {
      const { message } = await panicOf(`() => ${name}(class {}, [])`);
      assert.match(message, new RegExp(`\`${name}\` is a function that the compiler puts beside the closure.*ES2022`));
    }
  });

  it("says that import.meta belongs to a module", async () => {
    const workspace = new Workspace();
    workspace.write(
      "meta.mjs",
      `import { thread } from "fearless-threads";
       const result = await thread.spawn(() => import.meta.url).join();
       console.log(result.error.message);`,
    );
    const ended = await workspace.node("meta.mjs");
    workspace.remove();
    assert.match(ended.stdout, /`import\.meta` belongs to the module.*move\(import\.meta\.url\)/);
  });
});
