import assert from "node:assert/strict";
import { createSession } from "../../../server/src/analysis/analyse.js";
import { builtInModels } from "../../../server/src/analysis/models/all.js";
import { createSummaries } from "../../../server/src/analysis/summaries/summaries.js";
import { effectOn, type Summary } from "../../../server/src/analysis/summaries/summary.js";
import { withProject } from "../../support/project.js";

/** The summary of the function `f` of a module. */
async function summaryOf(code: string): Promise<Summary> {
  const text = `import { thread, type JoinHandle } from "fearless-threads";\ntype H = JoinHandle<number>;\n${code}\n`;
  return withProject({ "main.ts": text }, async (snapshot, path) => {
    const module = await createSession().lower(snapshot, path("main.ts"));
    assert.ok(module !== undefined);
    const body = module.bodies.find(({ name }) => name === "f");
    assert.ok(body?.symbol !== undefined);
    const summary = createSummaries(new Map([[module.file, module]]), builtInModels).of(body.symbol);
    assert.ok(summary !== undefined);
    return summary;
  });
}

describe("what a function does to the handles it is given", () => {
  for (const [effect, code] of [
    ["joins", "export async function f(h: H) { await h.join(); }"],
    ["joins", "export async function f(hs: H[]) { for (const h of hs) await h.join(); }"],
    ["joins", "export async function f(hs: H[]) { await Promise.all(hs.map((h) => h.join())); }"],
    [
      "joins",
      "export async function f(hs: Map<string, H>) { for (const [, h] of hs) { try { await h.join(); } catch {} } }",
    ],
    ["joins", "export function f(h: H) { h.detach(); }"],
    ["joins", "export async function f({ h }: { h: H }) { await h.join(); }"],
    ["joins", "export async function f(h: H | undefined) { if (h) await h.join(); }"],
    ["joins", "export async function f(h: H) { await g(h); }\nasync function g(h: H) { await h.join(); }"],
    ["borrows", "export function f(h: H) { return h.isFinished(); }"],
    ["borrows", "export function f(h: H) { return h; }"],
    ["borrows", "export function f(h: H) { return h.join(); }"],
    ["takes", "const kept: H[] = [];\nexport function f(h: H) { kept.push(h); }"],
    ["takes", "export async function f(h: H, wait: boolean) { if (wait) await h.join(); }"],
    ["takes", "export function f(h: H) { setTimeout(() => h.join(), 10); }"],
    ["takes", "declare function g(h: H): void;\nexport function f(h: H) { g(h); }"],
  ] as const) {
    it(`${effect}: ${code}`, async () => assert.equal(effectOn(await summaryOf(code), 0), effect));
  }
});

describe("what a function gives back", () => {
  it("a handle that it made is its caller's to join", async () => {
    const { returns } = await summaryOf("export function f() { return thread.spawn(() => 1); }");
    assert.deepEqual(returns, { parts: [{ kind: "fresh", number: 0 }], other: 0 });
  });

  it("an async function gives the promise of it", async () => {
    const { returns } = await summaryOf("export async function f() { return thread.spawn(() => 1); }");
    assert.equal(returns?.parts[0]?.kind, "promise");
  });

  it("an array of them is a container", async () => {
    const { returns } = await summaryOf("export function f() { return [1, 2].map(() => thread.spawn(() => 1)); }");
    assert.equal(returns?.parts[0]?.kind, "container");
  });

  it("what it was given is named by its position", async () => {
    const { returns } = await summaryOf("export function f(n: number, h: H) { return h; }");
    assert.deepEqual(returns?.parts, [{ kind: "parameter", index: 1 }]);
  });

  it("what it kept is no longer its caller's affair", async () => {
    const { returns } = await summaryOf(
      "const kept: H[] = [];\nexport function f() { const h = thread.spawn(() => 1); kept.push(h); return h; }",
    );
    assert.equal(returns, undefined);
  });

  it("functions that call each other come to an end", async () => {
    const summary = await summaryOf(
      "export function f(n: number): H { return n > 0 ? g(n - 1) : thread.spawn(() => 1); }\nfunction g(n: number): H { return f(n); }",
    );
    assert.equal(
      summary.returns?.parts.some((part) => part.kind === "fresh"),
      true,
    );
  });
});
