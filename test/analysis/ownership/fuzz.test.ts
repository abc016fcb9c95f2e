/**
 * Random programs of everything that is followed, in any order and any nesting: no rule may fail on one, no analysis go on for
 * ever, and a call of code that nobody sees may take findings away, but bring none.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createSession } from "../../../server/src/analysis/analyse.js";
import { catalogue } from "../../../server/src/analysis/catalogue.js";
import { withProject } from "../../support/project.js";

/** `#` is a number of its own, `S` a block, and what is in capitals otherwise one of these. */
const words: Readonly<Record<string, readonly string[]>> = {
  HANDLE: ["h", "hs[0]", "hs.at(-1)", "hs.pop()", "box.h", "this.h", "made.get(1)", "start()", "give(h)", "[...hs][0]"],
  HANDLES: [
    "hs",
    "[h]",
    "[h, ...hs]",
    "hs.slice()",
    "hs.concat(h)",
    "new Set(hs)",
    "[...made.values()]",
    "startAll()",
    "later()",
  ],
  VALUE: [
    "buf",
    "box.buf",
    "this.buf",
    "view",
    "view.buffer",
    "lock",
    "tx",
    "tx.clone()",
    "rx",
    "1",
    "{ buf, n: 1 }",
    "[buf]",
  ],
  GUARD: ["(await lock.lock()).unwrap()", "lock.lockSync().unwrap()", "lock.tryLock().unwrap()", "await held()"],
  CALL: [
    "unknown()",
    "mayThrow()",
    "await later2()",
    "unknown(h)",
    "unknown(buf)",
    "fill(hs)",
    "look(h)",
    "joinAll(hs)",
  ],
};

const lines: readonly string[] = [
  "h = thread.spawn(() => #);",
  "const c# = thread.spawn(move(VALUE), (v) => v);",
  "thread.spawn(() => #);",
  "hs.push(thread.spawn(() => #), h);",
  "box.h = HANDLE;",
  "this.h = HANDLE;",
  "made.set(#, HANDLE);",
  "(await HANDLE?.join())?.unwrap();",
  "const r# = await HANDLE?.join(); if (r#?.ok) CALL;",
  "HANDLE?.joinSync();",
  "const p# = HANDLE?.join(); CALL; await p#;",
  "HANDLE?.detach();",
  "await using u# = thread.spawn(() => #);",
  "using g# = GUARD;",
  "const g# = GUARD; CALL; drop(g#);",
  "const g# = GUARD; if (maybe()) drop(g#);",
  "for (const x of HANDLES) { (await x.join()).unwrap(); S }",
  "for await (const x of [...HANDLES].map((x) => x.join())) { x.unwrap(); S }",
  "for await (const x of rx) { unknown(x); S }",
  "for (let m = rx.recvSync(); m.ok; m = rx.recvSync()) S",
  "while (maybe()) S",
  "do S while (maybe());",
  "if (maybe()) S else S",
  "out#: for (;;) { if (maybe()) continue out#; S break out#; }",
  "switch (Number(maybe())) { case 0: CALL; case 1: S break; default: S }",
  "try S catch (error) { S throw error; }",
  "try S catch S",
  "try S finally S",
  "try S catch S finally S",
  "[...HANDLES].forEach((x) => { look(x); S2 });",
  "await Promise.all([...HANDLES].map(async (x) => (await x.join()).unwrap()));",
  "await Promise.race([...HANDLES].map((x) => x.join()));",
  "const [a#, ...b#] = HANDLES; unknown(a#, b#);",
  "const { h: d#, ...e# } = box; look(d#); unknown(e#.n);",
  "tx.send({ buf }).unwrap();",
  "drop(tx);",
  "buf = new ArrayBuffer(#);",
  "this.buf = new ArrayBuffer(#);",
  "unknown(buf.byteLength, this.buf.byteLength, box.buf.byteLength, view[0]);",
  "const pool# = new ThreadPool(); pool#.spawn(() => #); S await pool#.join();",
  "await thread.scope(async (s) => { s.spawn(() => #); S2 });",
  "const f# = async () => { S2 }; await f#();",
  "const f# = () => { S2 }; unknown(f#);",
  "const sum# = hs.reduce((all, x) => { look(x); return all + #; }, 0); unknown(sum#);",
  "CALL;",
  "return;",
  'throw new Error("#");',
];

const head = `import { Arc, drop, move, mpsc, Mutex, thread, ThreadPool, type JoinHandle, type MutexGuard } from "fearless-threads";
declare function maybe(): boolean;
declare function unknown(...all: unknown[]): void;
type H = JoinHandle<unknown>;
function mayThrow(): void { if (maybe()) throw new Error("it does"); }
async function later2(): Promise<void> { if (maybe()) throw new Error("it does"); }
function start(): H { return thread.spawn(() => 1); }
function startAll(): H[] { return [1, 2].map(() => start()); }
function* later(): Generator<H> { while (maybe()) yield start(); }
function give<T>(value: T): T { return value; }
function fill(into: H[]): void { into.push(start()); if (maybe()) fill(into); }
function look(handle: H | undefined): void { unknown(handle?.isFinished()); }
async function joinAll(all: Iterable<H>): Promise<void> { for (const one of all) (await one.join()).unwrap(); }
const lock = Arc.new(new Mutex(1));
async function held(): Promise<MutexGuard<number>> { return (await lock.lock()).unwrap(); }
export class Run {
  h: H | undefined;
  buf = new ArrayBuffer(8);
  async run(box: { h: H; buf: ArrayBuffer; n: number }): Promise<void> {
    const [tx, rx] = mpsc.channel<unknown>();
    let buf = new ArrayBuffer(8);
    const view = new Uint8Array(buf);
    let h: H = thread.spawn(() => 0);
    const hs: H[] = [];
    const made = new Map<number, H>();
`;

const foot = `
  }
}
export { ThreadPool, held, joinAll, later, fill, give, startAll, mayThrow, later2 };
`;

interface Choices {
  /** Which one of so many. */
  readonly next: (count: number) => number;
  readonly number: () => number;
}

/** Between any two statements of the program stands `gap`. */
function program(numbers: readonly number[], gap: string): string {
  let [at, count] = [0, 0];
  const choices: Choices = {
    next: (of) => (numbers[at++ % numbers.length] ?? 0) % of,
    number: () => ++count,
  };
  return `${head}${statements(choices, 3, gap)}${foot}`;
}

function statements(choices: Choices, depth: number, gap: string): string {
  const count = 1 + choices.next(depth + 1);
  return Array.from({ length: count }, () => `${line(choices, depth, gap)}\n${gap}`).join("");
}

function line(choices: Choices, depth: number, gap: string): string {
  const chosen = lines[choices.next(lines.length)] ?? "";
  const number = choices.number();
  const inner = (): string => (depth === 0 ? "CALL;" : statements(choices, depth - 1, gap));
  const text = chosen.replace(/\bS2\b/g, inner).replace(/\bS\b/g, () => `{\n${inner()}}`);
  return fill(text, choices).replace(/#/g, () => String(number));
}

function fill(text: string, choices: Choices): string {
  return text.replace(/\b(?:HANDLES?|VALUE|GUARD|CALL)\b/g, (word) => {
    const list = words[word] ?? [];
    return list[choices.next(list.length)] ?? "";
  });
}

async function analyse(text: string): Promise<readonly string[]> {
  return withProject({ "main.ts": text }, async (snapshot, path) => {
    const report = await createSession({ rules: catalogue }).analyse(snapshot, path("main.ts"), {});
    assert.deepEqual(
      report.failures.map(({ rule, error }) => `${rule}: ${error.stack}`),
      [],
      text,
    );
    return report.diagnostics.map(({ rule, location }) => `${rule} ${text.slice(location.start, location.end)}`);
  });
}

const times = { numRuns: process.env.FEARLESS_THREADS_LONG === undefined ? 40 : 3000 };
const numbers = fc.array(fc.nat({ max: 5000 }), { minLength: 8, maxLength: 80 });

describe("random programs", function () {
  this.timeout(600_000);

  it("are analysed to the end, and twice in the same way", async () => {
    await fc.assert(
      fc.asyncProperty(numbers, async (list) => {
        const text = program(list, "");
        assert.deepEqual(await analyse(text), await analyse(text));
      }),
      times,
    );
  });

  it("have no more findings where code that nobody sees is called between their statements", async () => {
    const ownership = /^(?:unjoined-handle|use-after-move|guard-not-released|sender-never-dropped) /;
    await fc.assert(
      fc.asyncProperty(numbers, async (list) => {
        const plain = new Set((await analyse(program(list, ""))).filter((one) => ownership.test(one)));
        const text = program(list, "unknown();\n");
        const more = (await analyse(text)).filter((one) => ownership.test(one) && !plain.has(one));
        assert.deepEqual(more, [], text);
      }),
      times,
    );
  });
});
