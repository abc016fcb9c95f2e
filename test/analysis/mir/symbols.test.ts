/** The answers of the real type checker in the middle form, and how few questions they take. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { lower, questionsFor, startLowering } from "../../../server/src/analysis/mir/lower.js";
import type { Call, Local, Module } from "../../../server/src/analysis/mir/mir.js";
import { withProject } from "../../support/project.js";
import { withTree } from "./parse.js";

function resolved(text: string, name = "src/main.ts"): Promise<Module> {
  return withProject({ [name]: text }, async (snapshot, path) => {
    const tree = await snapshot.tree(path(name));
    assert.ok(tree);
    const lowering = startLowering(path(name), tree);
    return lowering.finish(await snapshot.resolve(path(name), lowering.questions));
  });
}

function calls(module: Module): readonly Call[] {
  const steps = module.bodies.flatMap((body) => body.blocks.flatMap((block) => block.steps));
  return steps.flatMap((step) => (step.kind === "assign" && step.value.kind === "call" ? [step.value] : []));
}

/** `package/name` of each call that has a symbol, by the text of the callee. */
async function callees(text: string, name?: string): Promise<Readonly<Record<string, string>>> {
  const module = await resolved(text, name);
  return Object.fromEntries(
    calls(module).map(({ symbol, spans }) => {
      const callee = module.text.slice(spans.callee.start, spans.callee.end);
      return [callee, symbol === undefined ? "?" : `${symbol.package ?? "own"}/${symbol.name}`];
    }),
  );
}

async function local(text: string, name: string): Promise<Local> {
  const module = await resolved(text);
  const found = module.locals.find((each) => each.name === name);
  assert.ok(found, `no local ${name}`);
  return found;
}

const spawn = "fearless-threads/spawn";

describe("mir: symbols and types", () => {
  it("knows a call through a namespace, an alias, and a namespace of namespaces", async () => {
    const text = `
      import * as ft from "fearless-threads";
      import { thread, thread as t } from "fearless-threads";
      const s = thread.spawn;
      thread.spawn(() => 1); t.spawn(() => 1); ft.thread.spawn(() => 1); s(() => 1);`;
    assert.deepEqual(await callees(text), {
      "thread.spawn": spawn,
      "t.spawn": spawn,
      "ft.thread.spawn": spawn,
      s: spawn,
    });
  });

  it("knows a call of what was destructured", async () => {
    const text = `
      import { thread } from "fearless-threads";
      const { spawn, Builder: B } = thread;
      spawn(() => 1); new B();
      async function f() {
        const { thread: later } = await import("fearless-threads");
        const { spawn: go } = later;
        go(() => 1);
      }
      function g({ sleep }: typeof thread) { sleep(1); }`;
    const { spawn: bare, B, go, sleep } = await callees(text);
    assert.deepEqual([bare, B, go, sleep], [spawn, "fearless-threads/Builder", spawn, "fearless-threads/sleep"]);
  });

  it("knows a call in CommonJS", async () => {
    const text = `const { thread } = require("fearless-threads"); const { spawn } = thread; spawn(() => 1);`;
    assert.equal((await callees(text, "main.cjs")).spawn, spawn);
  });

  it("knows a method of a handle through arrays, maps and optional chains", async () => {
    const text = `
      import type { JoinHandle } from "fearless-threads";
      export async function f(list: JoinHandle<number>[], map: Map<string, JoinHandle<number>>) {
        for (const h of list) await h.join();
        await map.get("a")?.join();
        await list[0]!.join();
      }`;
    const found = await callees(text);
    const join = "fearless-threads/JoinHandle.join";
    assert.deepEqual([found["h.join"], found['map.get("a")?.join'], found["list[0]!.join"]], [join, join, join]);
  });

  it("gives the project's own functions the key that the checker gives them", async () => {
    const text = `
      function plain() {}
      const arrow = () => {};
      namespace N { export function inner() {} }
      const o = { deep: { method() {}, held: () => {} } };
      class C { m() {} static s() {} }
      plain(); arrow(); N.inner(); o.deep.method(); o.deep.held(); C.s(); new C().m();`;
    const module = await resolved(text);
    const bodies = new Set(module.bodies.map(({ symbol }) => `${symbol?.name}@${symbol?.offset}`));
    const called = calls(module).map(({ symbol }) => `${symbol?.name}@${symbol?.offset}`);
    assert.equal(called.length, 8);
    for (const key of called) assert.ok(bodies.has(key), `${key} is none of ${[...bodies].join(", ")}`);
  });

  it("knows the types of parameters and variables", async () => {
    const head = `import { thread, type JoinHandle } from "fearless-threads";`;
    const first = await local(`${head} export const h = thread.spawn(() => 1);`, "h");
    assert.equal(first.type?.kind === "named" && first.type.symbol.name, "JoinHandle");
    const second = await local(`${head} export function f(a: JoinHandle<1>, b: JoinHandle<1>[]) {}`, "b");
    assert.equal(second.type?.kind, "array");
    const third = await local(`export let n = 1;`, "n");
    assert.deepEqual(third.type, { kind: "primitive", name: "number" });
  });

  it("asks once for parameters with the same annotation, but not for type parameters", async () => {
    const text = `
      import type { JoinHandle } from "fearless-threads";
      type H = JoinHandle<number>;
      export function f(a: H, b: H) {}
      export function g<T extends number>(c: T) {}
      export function h<T extends H>(d: T) {}`;
    const module = await resolved(text);
    const kinds = ["a", "b", "d"].map((name) => module.locals.find((each) => each.name === name)?.type?.kind);
    assert.deepEqual(kinds, ["named", "named", "named"]);
    assert.notEqual(module.locals.find((each) => each.name === "c")?.type?.kind, "named");
  });

  it("fills answers in as if they had been there from the start", async () => {
    const text = readFileSync(new URL("../../support/project.ts", import.meta.url), "utf8");
    const both = await withProject({ "src/a.ts": text }, async (snapshot, path) => {
      const tree = await snapshot.tree(path("src/a.ts"));
      assert.ok(tree);
      const lowering = startLowering(path("src/a.ts"), tree);
      const answers = await snapshot.resolve(path("src/a.ts"), lowering.questions);
      return [lowering.finish(answers), lower(path("src/a.ts"), tree, answers)];
    });
    assert.deepEqual(both[0], both[1]);
  });

  it("asks fewer questions than two for three lines", async () => {
    for (const file of ["expressions", "statements", "scopes"]) {
      const text = readFileSync(new URL(`../../../server/src/analysis/mir/${file}.ts`, import.meta.url), "utf8");
      const questions = await withTree("asked.ts", text, (tree) => questionsFor(tree));
      const lines = text.split("\n").length;
      assert.ok(questions.length * 3 < lines * 2, `${questions.length} questions for ${lines} lines of ${file}.ts`);
    }
  });
});
