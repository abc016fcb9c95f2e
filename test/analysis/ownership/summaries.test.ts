import assert from "node:assert/strict";
import { createSession } from "../../../server/src/analysis/analyse.js";
import { builtInModels } from "../../../server/src/analysis/models/all.js";
import {
  guardProtocol,
  handleProtocol,
  receiverProtocol,
  senderProtocol,
} from "../../../server/src/analysis/ownership/protocols.js";
import { createSummaries } from "../../../server/src/analysis/summaries/summaries.js";
import { effectOn, type Summary } from "../../../server/src/analysis/summaries/summary.js";
import { withProject } from "../../support/project.js";

/** The summary of the function `f` of a module. */
async function summaryOf(code: string): Promise<Summary> {
  const text = `import { drop, move, thread, type JoinHandle, type Mutex, type MutexGuard, type Sender } from "fearless-threads";\ntype H = JoinHandle<number>;\n${code}\n`;
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
  for (const [effect, code, position = 0] of [
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
    ["moves", "export function f(h: ArrayBuffer) { return thread.spawn(move(h), (h) => h.byteLength); }"],
    ["moves", "export function f(tx: Sender<Sender<number>>, h: Sender<number>) { tx.send(h).unwrap(); }", 1],
    ["takes", "export function f(h: { b: ArrayBuffer }) { return thread.spawn(move(h.b), (h) => h.byteLength); }"],
    [
      "takes",
      "export function f(h: ArrayBuffer, now: boolean) { if (now) thread.spawn(move(h), (h) => h.byteLength); }",
    ],
    ["drops", "export function f(h: MutexGuard<number>) { h.value += 1; drop(h); }"],
    ["drops", "export function f(h: MutexGuard<number>) { using mine = h; return mine.value; }"],
    ["drops", "export function f(h: Sender<number>) { g(h); }\nfunction g(h: Sender<number>) { drop(h); }"],
    ["takes", "export function f(h: MutexGuard<number>) { if (h.value > 1) drop(h); }"],
    ["borrows", "export function f(h: MutexGuard<number>) { h.value += 1; }"],
    ["borrows", "export function f(h: Mutex<number>) { using guard = h.lockSync().unwrap(); guard.value += 1; }"],
    ["takes", "const kept: H[] = [];\nexport function f(h: H) { kept.push(h); }"],
    ["takes", "export async function f(h: H, wait: boolean) { if (wait) await h.join(); }"],
    ["takes", "export function f(h: H) { setTimeout(() => h.join(), 10); }"],
    ["takes", "declare function g(h: H): void;\nexport function f(h: H) { g(h); }"],
    ["to 1.0", "export function f(h: H, g: (h: H) => void) { g(h); }"],
    ["to 1.1", "export async function f(h: H, g: (n: number, h: H) => Promise<void>) { await g(1, h); return h; }"],
    ["takes", "export function f(h: H, g?: (h: H) => void) { g?.(h); }"],
    ["takes", "export function f(h: H, g: (h: H) => void) { g(h); g(h); }"],
  ] as const) {
    it(`${effect}: ${code}`, async () => assert.equal(effectOn(await summaryOf(code), position), effect));
  }
});

describe("what a function gives back", () => {
  it("a handle that it made is its caller's to join", async () => {
    const { returns } = await summaryOf("export function f() { return thread.spawn(() => 1); }");
    const handle = { kind: "fresh", number: 0, protocol: handleProtocol, channel: undefined };
    assert.deepEqual(returns, { parts: [handle], other: 0 });
  });

  it("a guard, and the ends of one channel", async () => {
    const guard = await summaryOf("export async function f(m: Mutex<number>) { return (await m.lock()).unwrap(); }");
    const of = guard.returns?.parts[0]?.kind === "promise" ? guard.returns.parts[0].of.parts[0] : undefined;
    assert.equal(of?.kind === "fresh" ? of.protocol : undefined, guardProtocol);
    const { returns } = await summaryOf(
      'import { mpsc } from "fearless-threads";\nexport function f() { return mpsc.channel<number>(); }',
    );
    const pair = returns?.parts[0];
    const ends = pair?.kind === "container" ? [...pair.fields.values()].map((shape) => shape.parts[0]) : [];
    assert.deepEqual(
      ends.map((end) => (end?.kind === "fresh" ? [end.protocol, end.channel] : [])),
      [
        [senderProtocol, 0],
        [receiverProtocol, 0],
      ],
    );
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
