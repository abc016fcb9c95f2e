import assert from "node:assert/strict";
import fc from "fast-check";
import { naturalLoops, reversePostorder, successors } from "../../../server/src/analysis/flow/graph.js";
import { type Analysis, solve } from "../../../server/src/analysis/flow/solver.js";
import type { Block, Operand, Step, Terminator } from "../../../server/src/analysis/mir/mir.js";

const span = { start: 0, end: 0 };
const nothing: Operand = { kind: "constant", value: undefined, span };

/** A step that adds `label` to the set of what was met. */
function meet(label: number): Step {
  const base = { span: { start: label, end: label }, statement: span, scope: 0 };
  return {
    ...base,
    kind: "assign",
    to: { base: label, path: [] },
    value: { kind: "await", operand: nothing },
    declares: false,
  };
}

function labelOf(step: Step): number {
  return step.span.start;
}

/** Bodies of up to 12 blocks whose edges go anywhere: loops in loops, jumps into loops, blocks that nothing reaches. */
const bodies: fc.Arbitrary<{ readonly blocks: readonly Block[] }> = fc.integer({ min: 1, max: 12 }).chain((count) => {
  const target = fc.nat({ max: count - 1 });
  const end: fc.Arbitrary<Terminator> = fc.oneof(
    target.map((to): Terminator => ({ kind: "goto", target: to })),
    fc.tuple(target, target).map(([then, otherwise]): Terminator => {
      return { kind: "branch", condition: nothing, test: { kind: "other" }, then, else: otherwise };
    }),
    fc.constant<Terminator>({ kind: "return", operand: undefined, span, implicit: true }),
    fc.constant<Terminator>({ kind: "throw", operand: nothing, span }),
    fc.constant<Terminator>({ kind: "unreachable" }),
  );
  const block = fc.record({
    labels: fc.array(fc.nat({ max: 9 }), { maxLength: 3 }),
    end,
    unwind: fc.option(target, { nil: undefined }),
  });
  return fc.array(block, { minLength: count, maxLength: count }).map((drafts) => ({
    blocks: drafts.map(
      (draft, id): Block => ({
        id,
        steps: draft.labels.map(meet),
        end: draft.end,
        unwind: draft.unwind,
        loop: undefined,
      }),
    ),
  }));
});

/** Which labels may have been met: a set that only grows. */
const mayMeet: Analysis<ReadonlySet<number>> = {
  join: (a, b) => new Set([...a, ...b]),
  equals: (a, b) => a.size === b.size,
  step: (state, { step }) => new Set([...state, labelOf(step)]),
  edge: (state) => state,
};

function sorted(set: ReadonlySet<number>): readonly number[] {
  return [...set].sort((a, b) => a - b);
}

describe("the dataflow solver", () => {
  it("comes to an end, and visits exactly the blocks that can be reached", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const solution = solve(body, mayMeet, new Set());
        assert.equal(solution.complete, true);
        for (const id of solution.before.keys()) assert.ok(reversePostorder(body.blocks).includes(id));
      }),
    );
  });

  it("finds a fixed point: no edge brings anything that is not there already", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const { before } = solve(body, mayMeet, new Set());
        for (const block of body.blocks) {
          const start = before.get(block.id);
          if (start === undefined) continue;
          const after = new Set([...start, ...block.steps.map(labelOf)]);
          const { end } = block;
          const normal = end.kind === "goto" ? [end.target] : end.kind === "branch" ? [end.then, end.else] : [];
          for (const to of normal) {
            const there = before.get(to);
            assert.ok(there !== undefined && [...after].every((label) => there.has(label)));
          }
        }
      }),
    );
  });

  it("is monotone: from a larger start comes no smaller result", () => {
    fc.assert(
      fc.property(bodies, fc.array(fc.nat({ max: 9 })), fc.array(fc.nat({ max: 9 })), (body, some, more) => {
        const small = solve(body, mayMeet, new Set(some));
        const large = solve(body, mayMeet, new Set([...some, ...more]));
        for (const [id, state] of small.before) {
          const other = large.before.get(id);
          assert.ok(other !== undefined && [...state].every((label) => other.has(label)));
        }
      }),
    );
  });

  it("says the same of the same body", () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const once = [...solve(body, mayMeet, new Set()).before].map(([id, state]) => [id, sorted(state)]);
        const again = [...solve(body, mayMeet, new Set()).before].map(([id, state]) => [id, sorted(state)]);
        assert.deepEqual(once, again);
      }),
    );
  });

  it("stops at a bound where the lattice has no top, and says so", () => {
    const counting: Analysis<number> = {
      join: Math.max,
      equals: (a, b) => a === b,
      step: (state) => state + 1,
      edge: (state) => state,
    };
    const blocks: Block[] = [
      { id: 0, steps: [meet(0)], end: { kind: "goto", target: 0 }, unwind: undefined, loop: undefined },
    ];
    assert.equal(solve({ blocks }, counting, 0).complete, false);
  });

  it("takes an exception out of the middle of a block, with the state before the step that throws", () => {
    const blocks: Block[] = [
      {
        id: 0,
        steps: [meet(1), meet(2)],
        end: { kind: "return", operand: undefined, span, implicit: true },
        unwind: 1,
        loop: undefined,
      },
      { id: 1, steps: [], end: { kind: "rethrow", span }, unwind: undefined, loop: undefined },
    ];
    const { before, exits } = solve({ blocks }, mayMeet, new Set());
    assert.deepEqual(sorted(before.get(1) ?? new Set()), [1]);
    assert.deepEqual(
      exits.map(({ block, end }) => [block.id, end.kind]),
      [
        [0, "return"],
        [1, "rethrow"],
      ],
    );
  });

  it("does not follow an edge that the analysis rules out", () => {
    const blocks: Block[] = [
      {
        id: 0,
        steps: [],
        // biome-ignore lint/suspicious/noThenProperty: the middle form calls the taken branch `then`.
        end: { kind: "branch", condition: nothing, test: { kind: "other" }, then: 1, else: 2 },
        unwind: undefined,
        loop: undefined,
      },
      { id: 1, steps: [], end: { kind: "unreachable" }, unwind: undefined, loop: undefined },
      { id: 2, steps: [], end: { kind: "unreachable" }, unwind: undefined, loop: undefined },
    ];
    const onlyThen = {
      ...mayMeet,
      edge: (state: ReadonlySet<number>, edge: { kind: string; holds?: boolean }) =>
        edge.holds === false ? undefined : state,
    };
    assert.deepEqual([...solve({ blocks }, onlyThen, new Set()).before.keys()], [0, 1]);
  });
});

describe("loops of a control-flow graph", () => {
  it("are closed: from every block of a loop its head is reached without leaving it", () => {
    fc.assert(
      fc.property(bodies, ({ blocks }) => {
        for (const [head, members] of naturalLoops(blocks)) {
          assert.ok(members.has(head));
          for (const member of members) {
            if (member === head) continue;
            const inside = (blocks[member] === undefined ? [] : successors(blocks[member])).filter((to) =>
              members.has(to),
            );
            assert.ok(inside.length > 0, `block ${member} of the loop at ${head} leads nowhere in it`);
          }
        }
      }),
    );
  });
});
