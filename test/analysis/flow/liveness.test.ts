import assert from "node:assert/strict";
import { liveTemporaries } from "../../../server/src/analysis/flow/liveness.js";
import type { Block, Local, Operand, Step, Value } from "../../../server/src/analysis/mir/mir.js";

const span = { start: 0, end: 0 };

function temporary(id: number): Local {
  const unsaid = { name: undefined, span: undefined, statement: undefined, initializer: undefined, symbol: undefined };
  const plain = { type: undefined, function: undefined, reassigned: false, exported: false, typeOnly: false };
  return { id, kind: "temp", body: 0, scope: 0, ...unsaid, ...plain };
}

function read(base: number): Operand {
  return { kind: "place", place: { base, path: [] }, span };
}

function assign(base: number, value: Value): Step {
  return { kind: "assign", to: { base, path: [] }, value, declares: false, span, statement: span, scope: 0 };
}

function block(steps: readonly Step[]): Block {
  const end = { kind: "return", operand: undefined, span, implicit: true } as const;
  return { id: 0, steps, end, unwind: undefined, loop: undefined };
}

describe("liveness of temporaries", () => {
  it("says from where to where each is needed, also one that is written again", () => {
    const constant: Value = { kind: "use", operand: { kind: "constant", value: 1, span } };
    const use = (base: number): Step => assign(9, { kind: "compute", operator: "-", operands: [read(base)] });
    const steps = [assign(0, constant), use(0), assign(1, constant), assign(0, constant), use(1), use(0)];
    const locals = Array.from({ length: 10 }, (_, id) => temporary(id));
    const live = liveTemporaries({ blocks: [block(steps)] }, locals);
    const behind = (id: number): string =>
      steps.map((_, index) => (live.liveAfter(0, index).has(id) ? "x" : ".")).join("");
    assert.equal(behind(0), "x..xx.");
    assert.equal(behind(1), "..xx..");
    assert.deepEqual([...live.liveAtStart(0)], []);
  });

  it("takes no more than a step's worth of memory for each step of a long array", () => {
    // A set for each step would hold two thousand million entries here.
    const count = 60_000;
    const locals = Array.from({ length: count + 1 }, (_, id) => temporary(id));
    const elements = locals.slice(0, count).map(({ id }) => ({ value: read(id), spread: false }));
    const steps = elements.map((_, id) => assign(id, { kind: "object", fields: [] }));
    const live = liveTemporaries({ blocks: [block([...steps, assign(count, { kind: "array", elements })])] }, locals);
    assert.equal(live.liveAfter(0, count - 1).has(0), true);
    assert.equal(live.liveAfter(0, count).has(0), false);
  });
});
