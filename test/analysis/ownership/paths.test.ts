/**
 * Random ways through a function, against what can happen on them: a handle is reported if and only if some way leaves it
 * running, and a value if and only if some way uses it after a move. The conditions are calls of code that nobody sees, so that
 * each of them may come out either way each time.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createSession } from "../../../server/src/analysis/analyse.js";
import { guardNotReleased } from "../../../server/src/analysis/rules/guard-not-released/rule.js";
import type { Rule } from "../../../server/src/analysis/rules/rule.js";
import { unjoinedHandle } from "../../../server/src/analysis/rules/unjoined-handle/rule.js";
import { useAfterMove } from "../../../server/src/analysis/rules/use-after-move/rule.js";
import { withProject } from "../../support/project.js";

/** What a statement does to the one value that a program is about: `begin` makes a new one, `end` ends what it owes. */
type Action = "begin" | "end" | "look";

type Statement =
  | { readonly kind: Action | "may throw" | "unknown" | "throw" | "return" | "break" | "continue" }
  | { readonly kind: "if"; readonly yes: Program; readonly no: Program }
  | { readonly kind: "while" | "do"; readonly body: Program }
  | { readonly kind: "catch" | "finally"; readonly body: Program; readonly handler: Program };

type Program = readonly Statement[];

/** What runs no code that could throw, or says by itself what it throws. */
const still: ReadonlySet<Statement["kind"]> = new Set(["return", "break", "continue", "do", "catch", "finally"]);

interface Jumps {
  readonly loop: boolean;
  /** What jumps out of a `finally` forgets the exception; nobody writes that. */
  readonly leave: boolean;
}

function programs(actions: readonly Action[]): fc.Arbitrary<Program> {
  return block({ loop: false, leave: true }, 3);

  function block(jumps: Jumps, depth: number): fc.Arbitrary<Program> {
    return fc.array(statement(jumps, depth), { maxLength: 4 });
  }

  function statement(jumps: Jumps, depth: number): fc.Arbitrary<Statement> {
    const plain = [...actions, ...actions, "may throw", "may throw", "unknown"] as const;
    const leaving = jumps.leave ? (["throw", "return"] as const) : [];
    const looping = jumps.leave && jumps.loop ? (["break", "continue"] as const) : [];
    const simple = fc.constantFrom(...plain, ...leaving, ...looping).map((kind): Statement => ({ kind }));
    if (depth === 0) return simple;
    const inner = block(jumps, depth - 1);
    const turn = block({ ...jumps, loop: true }, depth - 1);
    return fc.oneof(
      { weight: 4, arbitrary: simple },
      fc.record({ kind: fc.constant("if" as const), yes: inner, no: inner }),
      fc.record({ kind: fc.constantFrom("while", "do"), body: turn }),
      fc.record({ kind: fc.constant("catch" as const), body: inner, handler: inner }),
      fc.record({
        kind: fc.constant("finally" as const),
        body: inner,
        handler: block({ loop: false, leave: false }, depth - 1),
      }),
    );
  }
}

/** How a program is written for one kind of value. */
interface Writing {
  readonly before: string;
  readonly actions: Readonly<Partial<Record<Action, string>>>;
}

function written(program: Program, { before, actions }: Writing): string {
  const lines = program.map((one) => line(one)).join("\n");
  return `import { drop, move, thread, type JoinHandle, type Mutex } from "fearless-threads";
declare function maybe(): boolean;
declare function unknown(): void;
function mayThrow(): void { if (maybe()) throw new Error("it does"); }
export async function f(lock: Mutex<number>): Promise<unknown> {
${before}
${lines}
return undefined;
}
export type Handle = JoinHandle<number>;
export const all = [drop, move, thread];
`;

  function line(one: Statement): string {
    const body = (inner: Program): string => `{\n${inner.map(line).join("\n")}\n}`;
    switch (one.kind) {
      case "may throw":
        return "mayThrow();";
      case "unknown":
        return "unknown();";
      case "throw":
        return 'throw new Error("always");';
      case "return":
        return "return undefined;";
      case "break":
      case "continue":
        return `${one.kind};`;
      case "if":
        return `if (maybe()) ${body(one.yes)} else ${body(one.no)}`;
      case "while":
        return `while (maybe()) ${body(one.body)}`;
      case "do":
        return `do ${body(one.body)} while (maybe());`;
      case "catch":
        return `try ${body(one.body)} catch ${body(one.handler)}`;
      case "finally":
        return `try ${body(one.body)} finally ${body(one.handler)}`;
      default:
        return actions[one.kind] ?? "";
    }
  }
}

/** The states that are possible behind a statement, by how control gets there. */
interface Ways {
  readonly next: Set<string>;
  readonly thrown: Set<string>;
  readonly returned: Set<string>;
  readonly broken: Set<string>;
  readonly continued: Set<string>;
}

function noWays(): Ways {
  return { next: new Set(), thrown: new Set(), returned: new Set(), broken: new Set(), continued: new Set() };
}

function addAll(to: Set<string>, from: ReadonlySet<string>): void {
  for (const state of from) to.add(state);
}

const exits = ["thrown", "returned", "broken", "continued"] as const;

interface Meaning {
  readonly act: (action: Action, state: string) => string;
  /** What is known behind an exception of code that nobody sees, as any call may throw one: nobody is blamed for that. */
  readonly surprise: (state: string) => string;
}

/** Runs a program on sets of states; exact, since its conditions know nothing of each other. */
function run(program: Program, start: ReadonlySet<string>, meaning: Meaning): Ways {
  const ways = noWays();
  let now: ReadonlySet<string> = start;
  for (const one of program) {
    if (now.size === 0) return ways;
    const after = runOne(one, now, meaning);
    for (const exit of exits) addAll(ways[exit], after[exit]);
    now = after.next;
  }
  addAll(ways.next, now);
  return ways;
}

function runOne(one: Statement, start: ReadonlySet<string>, meaning: Meaning): Ways {
  const ways = noWays();
  if (!still.has(one.kind)) for (const state of start) ways.thrown.add(meaning.surprise(state));
  switch (one.kind) {
    case "may throw":
      addAll(ways.next, start);
      addAll(ways.thrown, start);
      return ways;
    case "unknown":
      addAll(ways.next, start);
      return ways;
    case "throw":
      addAll(ways.thrown, start);
      return ways;
    case "return":
      addAll(ways.returned, start);
      return ways;
    case "break":
      addAll(ways.broken, start);
      return ways;
    case "continue":
      addAll(ways.continued, start);
      return ways;
    case "if":
      for (const side of [one.yes, one.no]) {
        const after = run(side, start, meaning);
        for (const exit of [...exits, "next"] as const) addAll(ways[exit], after[exit]);
      }
      return ways;
    case "while":
    case "do":
      return runLoop(one, start, meaning);
    case "catch": {
      const tried = run(one.body, start, meaning);
      const caught = run(one.handler, tried.thrown, meaning);
      for (const exit of [...exits, "next"] as const) {
        if (exit !== "thrown") addAll(ways[exit], tried[exit]);
        addAll(ways[exit], caught[exit]);
      }
      return ways;
    }
    case "finally": {
      const tried = run(one.body, start, meaning);
      for (const exit of [...exits, "next"] as const) {
        const last = run(one.handler, tried[exit], meaning);
        addAll(ways[exit], last.next);
        addAll(ways.thrown, last.thrown);
      }
      return ways;
    }
    default:
      for (const state of start) ways.next.add(meaning.act(one.kind, state));
      return ways;
  }
}

function runLoop(
  { kind, body }: Extract<Statement, { kind: "while" | "do" }>,
  start: ReadonlySet<string>,
  meaning: Meaning,
): Ways {
  const ways = noWays();
  const heads = new Set(start);
  if (kind === "while") addAll(ways.next, start);
  for (let size = -1; size !== heads.size; ) {
    size = heads.size;
    const turn = run(body, heads, meaning);
    // Its condition is a call, too.
    const asked = kind === "while" ? heads : [...turn.next, ...turn.continued];
    for (const state of asked) ways.thrown.add(meaning.surprise(state));
    for (const exit of ["thrown", "returned"] as const) addAll(ways[exit], turn[exit]);
    for (const behind of [turn.next, turn.continued]) {
      addAll(heads, behind);
      addAll(ways.next, behind);
    }
    addAll(ways.next, turn.broken);
  }
  return ways;
}

async function findings(text: string, rule: Rule): Promise<readonly string[]> {
  return withProject({ "main.ts": text }, async (snapshot, path) => {
    const report = await createSession({ rules: [rule] }).analyse(snapshot, path("main.ts"), {});
    assert.deepEqual(report.failures, []);
    return report.diagnostics.map(({ message }) => message);
  });
}

const times = { numRuns: process.env.FEARLESS_THREADS_LONG === undefined ? 150 : 5000 };

describe("every way through a function", function () {
  this.timeout(300_000);

  it("a handle is reported if and only if some way leaves it running", async () => {
    const writing: Writing = {
      before: "let handle = thread.spawn(() => 1);",
      actions: {
        begin: "handle = thread.spawn(() => 1);",
        end: "await handle.join();",
        look: "console.log(handle.isFinished());",
      },
    };
    const actions: readonly Action[] = ["begin", "end", "end", "look"];
    await fc.assert(
      fc.asyncProperty(programs(actions), async (program) => {
        let overwritten = false;
        const act = (action: Action, state: string): string => {
          if (action === "begin" && state === "running") overwritten = true;
          return action === "begin" ? "running" : action === "end" ? "joined" : state;
        };
        const ways = run(program, new Set(["running"]), { act, surprise: () => "excused" });
        const left = [ways.next, ways.returned, ways.thrown].some((states) => states.has("running"));
        const text = written(program, writing);
        assert.equal((await findings(text, unjoinedHandle)).length > 0, left || overwritten, text);
      }),
      times,
    );
  });

  it("a guard is reported if and only if some way leaves it locked", async () => {
    const writing: Writing = {
      before: "const guard = lock.lockSync().unwrap();",
      actions: { end: "drop(guard);", look: "unknown();" },
    };
    await fc.assert(
      fc.asyncProperty(programs(["end", "look"]), async (program) => {
        const act = (action: Action, state: string): string => (action === "end" ? "dropped" : state);
        const ways = run(program, new Set(["held"]), { act, surprise: () => "excused" });
        const left = [ways.next, ways.returned, ways.thrown].some((states) => states.has("held"));
        const text = written(program, writing);
        assert.equal((await findings(text, guardNotReleased)).length > 0, left, text);
      }),
      times,
    );
  });

  it("a use is reported only if some way has moved the value before", async () => {
    const writing: Writing = {
      before: "let buffer = new ArrayBuffer(8);",
      actions: {
        begin: "buffer = new ArrayBuffer(8);",
        end: "thread.spawn(move(buffer), (buffer) => buffer.byteLength).detach();",
        look: "console.log(buffer.byteLength);",
      },
    };
    const isLoop = (one: Statement): boolean =>
      one.kind === "while" || one.kind === "do" || inside(one).some((inner) => inner.some(isLoop));
    await fc.assert(
      fc.asyncProperty(programs(["begin", "end", "look", "look"]), async (program) => {
        let misused = false;
        const act = (action: Action, state: string): string => {
          if (action === "begin") return "owned";
          if (state === "moved") misused = true;
          return action === "end" && state === "owned" ? "moved" : state;
        };
        run(program, new Set(["owned"]), { act, surprise: (state) => (state === "owned" ? state : "excused") });
        const text = written(program, writing);
        const found = (await findings(text, useAfterMove)).length > 0;
        // What a loop moves in some of its turns may be moved in the last one alone, and is let go.
        if (program.some(isLoop)) assert.ok(misused || !found, text);
        else assert.equal(found, misused, text);
      }),
      times,
    );
  });
});

function inside(one: Statement): readonly Program[] {
  if ("yes" in one) return [one.yes, one.no];
  if ("handler" in one) return [one.body, one.handler];
  return "body" in one ? [one.body] : [];
}
