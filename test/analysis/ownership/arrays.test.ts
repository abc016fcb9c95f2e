/**
 * Random ways to join the handles in an array that a loop has filled, against what they leave of two. The conditions are calls of
 * code that nobody sees, so that each of them may come out either way.
 */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createSession } from "../../../server/src/analysis/analyse.js";
import { unjoinedHandle } from "../../../server/src/analysis/rules/unjoined-handle/rule.js";
import { withProject } from "../../support/project.js";

/** What is in the array, by number, and what has been joined. */
interface State {
  readonly held: readonly number[];
  readonly joined: ReadonlySet<number>;
}

interface Operation {
  readonly code: string;
  /** Which of those in the array it joins, and which it leaves there. */
  readonly does: (held: readonly number[]) => { readonly joins: readonly number[]; readonly held: readonly number[] };
}

const each = (list: string): string => `for (const one of ${list}) await one.join();`;
const looks = (code: string, pick: (held: readonly number[]) => readonly number[]): Operation => ({
  code,
  does: (held) => ({ joins: pick(held), held }),
});

const looking: readonly Operation[] = [
  looks("console.log(handles.length);", () => []),
  looks("console.log(handles[0]?.isFinished());", () => []),
  looks("await handles[0]?.join();", (held) => held.slice(0, 1)),
  looks("await handles[1]?.join();", (held) => held.slice(1, 2)),
  looks("await handles.at(0)?.join();", (held) => held.slice(0, 1)),
  looks("await handles.at(-1)?.join();", (held) => held.slice(-1)),
  looks("await handles[handles.length - 1]?.join();", (held) => held.slice(-1)),
  looks(each("handles.slice(1)"), (held) => held.slice(1)),
  looks(each("handles.slice(0, 1)"), (held) => held.slice(0, 1)),
  looks(each("handles.slice(0, -1)"), (held) => held.slice(0, -1)),
  looks(each("handles.slice(-1)"), (held) => held.slice(-1)),
  looks(each("handles"), (held) => held),
  looks("await Promise.all(handles.map((one) => one.join()));", (held) => held),
];

const taking: readonly Operation[] = [
  {
    code: "{ const one = handles.pop(); await one?.join(); }",
    does: (held) => ({ joins: held.slice(-1), held: held.slice(0, -1) }),
  },
  {
    code: "{ const one = handles.shift(); await one?.join(); }",
    does: (held) => ({ joins: held.slice(0, 1), held: held.slice(1) }),
  },
  { code: "while (handles.length > 0) await handles.pop()?.join();", does: (held) => ({ joins: held, held: [] }) },
];

type Statement = Operation | { readonly yes: Program; readonly no: Program } | "return";
type Program = readonly Statement[];

function programs(operations: readonly Operation[]): fc.Arbitrary<Program> {
  const simple = fc.constantFrom<Statement>(...operations);
  const block = (depth: number): fc.Arbitrary<Program> =>
    fc.array(
      depth === 0 ? simple : fc.oneof({ weight: 5, arbitrary: simple }, branch(depth), fc.constant("return" as const)),
      {
        maxLength: 3,
      },
    );
  const branch = (depth: number): fc.Arbitrary<Statement> => fc.record({ yes: block(depth - 1), no: block(depth - 1) });
  return block(2);
}

function written(program: Program): string {
  const block = (inner: Program): string => inner.map(line).join("\n");
  const line = (one: Statement): string => {
    if (one === "return") return "return;";
    return "code" in one ? one.code : `if (maybe()) {\n${block(one.yes)}\n} else {\n${block(one.no)}\n}`;
  };
  return `import { thread, type JoinHandle } from "fearless-threads";
declare function maybe(): boolean;
export async function f(): Promise<void> {
  const handles: JoinHandle<number>[] = [];
  for (let i = 0; i < 2; i++) handles.push(thread.spawn(() => 1));
${block(program)}
}
`;
}

/** Whether some way through the program leaves a thread running. */
function leaves(program: Program): boolean {
  let left = false;
  const end = ({ joined }: State): void => {
    left ||= joined.size < 2;
  };
  const run = (list: Program, state: State): readonly State[] => {
    let now: readonly State[] = [state];
    for (const one of list) {
      if (one === "return") {
        now.forEach(end);
        return [];
      }
      now = now.flatMap((before) => {
        if (!("does" in one)) return [...run(one.yes, before), ...run(one.no, before)];
        const { joins, held } = one.does(before.held);
        return [{ held, joined: new Set([...before.joined, ...joins]) }];
      });
    }
    return now;
  };
  run(program, { held: [0, 1], joined: new Set() }).forEach(end);
  return left;
}

async function isReported(text: string): Promise<boolean> {
  return withProject({ "main.ts": text }, async (snapshot, path) => {
    const report = await createSession({ rules: [unjoinedHandle] }).analyse(snapshot, path("main.ts"), {});
    assert.deepEqual(report.failures, []);
    return report.diagnostics.length > 0;
  });
}

const times = { numRuns: process.env.FEARLESS_THREADS_LONG === undefined ? 120 : 3000 };

describe("every way to join what an array holds", function () {
  this.timeout(300_000);

  it("is reported if and only if it leaves one, where nothing is taken out", async () => {
    await fc.assert(
      fc.asyncProperty(programs(looking), async (program) => {
        const text = written(program);
        assert.equal(await isReported(text), leaves(program), text);
      }),
      times,
    );
  });

  it("is reported only if it leaves one, where elements are taken out", async () => {
    await fc.assert(
      fc.asyncProperty(programs([...looking, ...taking]), async (program) => {
        const text = written(program);
        assert.ok(leaves(program) || !(await isReported(text)), text);
      }),
      times,
    );
  });
});
