/** What holds for every lowered file, whatever is in it. */
import assert from "node:assert/strict";
import type { Span } from "../../../server/src/analysis/diagnostic.js";
import { operandsOf } from "../../../server/src/analysis/flow/operands.js";
import type {
  Block,
  Body,
  LocalId,
  Module,
  Operand,
  Place,
  Step,
  Terminator,
  Value,
} from "../../../server/src/analysis/mir/mir.js";

export function checkModule(module: Module): void {
  checkTables(module);
  for (const body of module.bodies) checkBody(module, body);
}

function checkTables(module: Module): void {
  const whole = { start: 0, end: module.text.length };
  module.locals.forEach((local, index) => {
    assert.equal(local.id, index);
    assert.ok(module.bodies[local.body], `body of local ${index}`);
    assert.ok(module.scopes[local.scope], `scope of local ${index}`);
    if (local.function !== undefined) assert.ok(module.bodies[local.function]);
    if (local.span !== undefined && local.statement !== undefined)
      within(local.span, local.statement, "name in statement");
  });
  module.scopes.forEach((scope, index) => {
    assert.equal(scope.id, index);
    assert.ok(module.bodies[scope.body]);
    if (scope.parent !== undefined) assert.ok(scope.parent < index, "a scope comes after its parent");
    within(scope.span, whole, "scope");
  });
  assert.ok(module.importOffset >= 0 && module.importOffset <= module.text.length);
  for (const found of module.imports) {
    within(found.span, whole, "import");
    for (const { local } of found.names) assert.equal(module.locals[local]?.kind, "import");
  }
}

function within(inner: Span, outer: Span, what: string): void {
  const ordered = outer.start <= inner.start && inner.start <= inner.end && inner.end <= outer.end;
  assert.ok(ordered, `${what}: ${inner.start}-${inner.end} is not in ${outer.start}-${outer.end}`);
}

function checkBody(module: Module, body: Body): void {
  assert.ok(module.scopes[body.scope]?.body === body.id, "a body has a scope of its own");
  within(body.spans.body, body.spans.whole, "body");
  if (body.spans.params !== undefined) within(body.spans.params, body.spans.whole, "parameters");
  for (const param of body.params) {
    assert.equal(module.locals[param.arrives]?.body, body.id);
    if (param.local !== undefined) assert.equal(param.local, param.arrives);
  }
  const known = new Set(body.captures.map((capture) => capture.local));
  assert.equal(known.size, body.captures.length, "a binding is captured once");
  checkCaptures(module, body);
  assert.ok(body.blocks.length > 0);
  for (const block of body.blocks) checkBlock(module, body, block, known);
}

function checkCaptures(module: Module, body: Body): void {
  let last = -1;
  for (const { local, uses } of body.captures) {
    const declared = module.locals[local];
    assert.ok(declared && isInside(module, body.id, declared.body), "a capture comes from a body around");
    const first = uses[0];
    assert.ok(first && first.span.start >= last, "captures stand in order of first use");
    last = first.span.start;
    for (const use of uses) {
      within(use.span, body.spans.whole, "use");
      assert.ok(
        use.body === body.id || isInside(module, use.body, body.id),
        "a use is in the body or in one nested in it",
      );
    }
  }
}

/** Whether `inner` is nested in `outer`, at any depth. */
function isInside(module: Module, inner: number, outer: number): boolean {
  for (let at = module.bodies[inner]?.parent; at !== undefined; at = module.bodies[at]?.parent) {
    if (at === outer) return true;
  }
  return false;
}

function checkBlock(module: Module, body: Body, block: Block, captured: ReadonlySet<LocalId>): void {
  assert.equal(body.blocks[block.id], block, "blocks stand at their ids");
  if (block.unwind !== undefined) assert.ok(body.blocks[block.unwind]);
  for (const target of targets(block.end)) assert.ok(body.blocks[target], `block ${target} exists`);
  for (const step of block.steps) {
    within(step.statement, { start: 0, end: module.text.length }, "statement");
    within(step.span, step.statement, "step");
    assert.equal(module.scopes[step.scope]?.body, body.id, "a step is in a scope of its body");
  }
  const local = (id: LocalId): void => {
    const declared = module.locals[id];
    assert.ok(declared, `local ${id} exists`);
    assert.ok(declared.body === body.id || captured.has(id), `${declared.name ?? id} is its own or captured`);
  };
  const operands = [...block.steps.flatMap((step) => stepOperands(step, local)), ...endOperands(block.end)];
  for (const operand of operands) {
    if (operand.kind === "place") local(operand.place.base);
    if (operand.kind === "item" && operand.local !== undefined) local(operand.local);
    if (operand.kind === "function") assert.equal(module.bodies[operand.body]?.parent, body.id);
  }
}

function targets(end: Terminator): readonly number[] {
  if (end.kind === "goto") return [end.target];
  return end.kind === "branch" ? [end.then, end.else] : [];
}

function endOperands(end: Terminator): readonly Operand[] {
  switch (end.kind) {
    case "branch":
      return [end.condition];
    case "throw":
      return [end.operand];
    case "return":
      return end.operand === undefined ? [] : [end.operand];
    default:
      return [];
  }
}

function stepOperands(step: Step, local: (id: LocalId) => void): readonly Operand[] {
  const place = (at: Place): void => {
    local(at.base);
    for (const step of at.path) if (step.kind === "index" && step.by?.kind === "place") place(step.by.place);
  };
  switch (step.kind) {
    case "assign":
      place(step.to);
      return valueOperands(step.value);
    case "update":
      place(step.place);
      local(step.result);
      return step.value === undefined ? [] : [step.value];
    case "delete":
      place(step.place);
      return [];
    case "discard":
      return [step.operand];
    case "dispose":
      local(step.local);
      return [];
    case "end-scope":
      step.locals.forEach(local);
      return [];
  }
}

function valueOperands(value: Value): readonly Operand[] {
  if (value.kind === "call") {
    const { whole, callee, name, args } = value.spans;
    within(callee, whole, "callee");
    within(name, whole, "name");
    if (args !== undefined) within(args, whole, "arguments");
  }
  return operandsOf(value);
}
