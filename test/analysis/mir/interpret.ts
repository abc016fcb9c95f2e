/**
 * Runs the middle form, so that a test can hold it against what JavaScript does. Synchronous code only. A `rethrow` throws
 * what the nearest handler that dominates it was entered with.
 */
import assert from "node:assert/strict";
import type {
  Argument,
  Block,
  BlockId,
  Body,
  Call,
  LocalId,
  Module,
  Operand,
  Place,
  Step,
  Test,
  Value,
} from "../../../server/src/analysis/mir/mir.js";

export type Globals = Readonly<Record<string, unknown>>;

interface Cell {
  value: unknown;
}

interface Activation {
  readonly module: Module;
  readonly body: Body;
  readonly globals: Globals;
  readonly cells: Map<LocalId, Cell>;
  readonly parent: Activation | undefined;
  /** What each handler was entered with last. */
  readonly thrown: Map<BlockId, unknown>;
  /** The state of each iteration, by what is iterated over. */
  readonly turns: WeakMap<object, { readonly iterator: Iterator<unknown>; next: unknown }>;
  current: unknown;
}

const maxBlocks = 20_000;

/** Runs the module's top level. */
export function interpret(module: Module, globals: Globals): void {
  const top = module.bodies[0];
  assert.ok(top);
  run(activate(module, top, globals, undefined));
}

function activate(module: Module, body: Body, globals: Globals, parent: Activation | undefined): Activation {
  return {
    module,
    body,
    globals,
    cells: new Map(),
    parent,
    thrown: new Map(),
    turns: new WeakMap(),
    current: undefined,
  };
}

function run(at: Activation): unknown {
  let block: Block | undefined = at.body.blocks[0];
  for (let count = 0; block !== undefined; count++) {
    assert.ok(count < maxBlocks, "the program does not end");
    const here: Block = block;
    let next: BlockId | undefined;
    try {
      for (const step of here.steps) runStep(at, step);
      const { end } = here;
      if (end.kind === "return") return end.operand === undefined ? undefined : read(at, end.operand);
      next = runEnd(at, here);
    } catch (error) {
      if (here.unwind === undefined || error instanceof assert.AssertionError) throw error;
      at.current = error;
      at.thrown.set(here.unwind, error);
      next = here.unwind;
    }
    block = at.body.blocks[next];
  }
  throw new assert.AssertionError({ message: "control left the body" });
}

function runEnd(at: Activation, block: Block): BlockId {
  const { end } = block;
  switch (end.kind) {
    case "goto":
      return end.target;
    case "branch":
      if (block.loop?.kind === "for-of" && end.test.kind === "other")
        return advance(at, end.condition) ? end.then : end.else;
      return holds(at, end.test, end.condition) ? end.then : end.else;
    case "throw":
      throw read(at, end.operand);
    case "rethrow":
      throw at.thrown.get(handlerOf(at.body, block.id));
    default:
      throw new assert.AssertionError({ message: `block ${block.id} ends with ${end.kind}` });
  }
}

/** The nearest handler on every path to the block that does not bind what it caught. */
function handlerOf(body: Body, block: BlockId): BlockId {
  const known = handlersOfBlocks.get(body) ?? new Map<BlockId, BlockId>();
  handlersOfBlocks.set(body, known);
  const handler = known.get(block) ?? findHandler(body, block);
  known.set(block, handler);
  return handler;
}

const handlersOfBlocks = new WeakMap<Body, Map<BlockId, BlockId>>();

function findHandler(body: Body, block: BlockId): BlockId {
  const handlers = new Set(body.blocks.flatMap(({ unwind }) => (unwind === undefined ? [] : [unwind])));
  const dominators = dominatorsOf(body);
  const candidates = [...handlers].filter((handler) => {
    const catches = body.blocks[handler]?.steps.some((step) => step.kind === "assign" && step.value.kind === "caught");
    return !catches && dominators[block]?.has(handler);
  });
  const nearest = candidates.sort((a, b) => (dominators[b]?.size ?? 0) - (dominators[a]?.size ?? 0))[0];
  assert.ok(nearest !== undefined, "a rethrow without a handler");
  return nearest;
}

function dominatorsOf(body: Body): readonly ReadonlySet<BlockId>[] {
  const all = new Set(body.blocks.map(({ id }) => id));
  const sets: Set<BlockId>[] = body.blocks.map(({ id }) => (id === 0 ? new Set([0]) : new Set(all)));
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of body.blocks) {
      for (const target of successors(block)) {
        const own = sets[target];
        const from = sets[block.id];
        if (own === undefined || from === undefined || target === 0) continue;
        for (const id of own) {
          if (id === target || from.has(id)) continue;
          own.delete(id);
          changed = true;
        }
      }
    }
  }
  return sets;
}

function successors({ end, unwind }: Block): readonly BlockId[] {
  const handler = unwind === undefined ? [] : [unwind];
  if (end.kind === "goto") return [end.target, ...handler];
  return end.kind === "branch" ? [end.then, end.else, ...handler] : handler;
}

function holds(at: Activation, test: Test, condition: Operand): boolean {
  if (test.kind === "other") return Boolean(read(at, condition));
  const value = readPlace(at, test.place);
  const positive = test.kind === "truthy" ? Boolean(value) : value === undefined || value === null;
  return positive !== test.negated;
}

function advance(at: Activation, subject: Operand): boolean {
  const of = read(at, subject) as Iterable<unknown> & object;
  const state = at.turns.get(of) ?? { iterator: of[Symbol.iterator](), next: undefined };
  at.turns.set(of, state);
  const { done, value } = state.iterator.next();
  state.next = value;
  return done !== true;
}

function cellOf(at: Activation, local: LocalId): Cell {
  for (let from: Activation | undefined = at; from !== undefined; from = from.parent) {
    if (at.module.locals[local]?.body !== from.body.id) continue;
    const cell = from.cells.get(local) ?? { value: undefined };
    from.cells.set(local, cell);
    return cell;
  }
  throw new assert.AssertionError({ message: `no cell for local ${local}` });
}

function keyOf(at: Activation, step: Place["path"][number]): PropertyKey {
  if (step.kind === "field") return step.name;
  return step.constant ?? (step.by === undefined ? "?" : (read(at, step.by) as PropertyKey));
}

function readPlace(at: Activation, place: Place): unknown {
  let value = cellOf(at, place.base).value;
  for (const step of place.path) value = (value as Record<PropertyKey, unknown>)[keyOf(at, step)];
  return value;
}

function write(at: Activation, place: Place, value: unknown): void {
  const last = place.path.at(-1);
  if (last === undefined) {
    cellOf(at, place.base).value = value;
    return;
  }
  const target = readPlace(at, { base: place.base, path: place.path.slice(0, -1) });
  (target as Record<PropertyKey, unknown>)[keyOf(at, last)] = value;
}

function read(at: Activation, operand: Operand): unknown {
  switch (operand.kind) {
    case "constant":
      return operand.value;
    case "place":
      return readPlace(at, operand.place);
    case "item":
      return operand.name
        .split(".")
        .reduce((value, name) => (value as Record<string, unknown>)[name], at.globals as unknown);
    case "function":
      return closure(at, operand.body);
  }
}

function closure(at: Activation, id: number): (...args: readonly unknown[]) => unknown {
  const body = at.module.bodies[id];
  assert.ok(body);
  return (...args) => {
    const inner = activate(at.module, body, at.globals, at);
    body.params.forEach((param, index) => {
      cellOf(inner, param.arrives).value = param.rest ? args.slice(index) : args[index];
    });
    return run(inner);
  };
}

function runStep(at: Activation, step: Step): void {
  switch (step.kind) {
    case "assign":
      write(at, step.to, evaluate(at, step.value));
      return;
    case "update": {
      const before = readPlace(at, step.place) as number;
      const by = step.value === undefined ? 1 : (read(at, step.value) as number);
      const after = step.operator.startsWith("-") ? before - by : before + by;
      write(at, step.place, after);
      // Lowering does not tell `x++` from `++x`; the programs only use the value of `x += n`.
      cellOf(at, step.result).value = after;
      return;
    }
    case "delete": {
      const target = readPlace(at, { base: step.place.base, path: step.place.path.slice(0, -1) });
      const last = step.place.path.at(-1);
      if (last !== undefined) delete (target as Record<PropertyKey, unknown>)[keyOf(at, last)];
      return;
    }
    case "discard":
      read(at, step.operand);
      return;
    case "dispose": {
      const resource = cellOf(at, step.local).value as Disposable | undefined;
      resource?.[Symbol.dispose]();
      return;
    }
    case "end-scope":
      return;
  }
}

function evaluate(at: Activation, value: Value): unknown {
  switch (value.kind) {
    case "use":
      return read(at, value.operand);
    case "array":
      return spread(at, value.elements);
    case "object": {
      const made: Record<string, unknown> = {};
      for (const field of value.fields) {
        if (field.spread) Object.assign(made, read(at, field.value));
        else made[field.name ?? "?"] = read(at, field.value);
      }
      return made;
    }
    case "compute":
      return compute(
        value.operator,
        value.operands.map((operand) => read(at, operand)),
      );
    case "call":
      return call(at, value);
    case "element": {
      const of = read(at, value.of) as Iterable<unknown> & object;
      return value.rest ? [...of].slice(restStart) : at.turns.get(of)?.next;
    }
    case "caught":
      return at.current;
    default:
      throw new assert.AssertionError({ message: `the programs make no ${value.kind}` });
  }
}

/** The programs only take the rest of an array behind one element. */
const restStart = 1;

function spread(at: Activation, args: readonly Argument[]): readonly unknown[] {
  return args.flatMap((argument) => {
    const value = read(at, argument.value);
    return argument.spread ? [...(value as Iterable<unknown>)] : [value];
  });
}

function call(at: Activation, value: Call): unknown {
  const callee = read(at, value.callee) as (...args: readonly unknown[]) => unknown;
  const receiver = value.receiver === undefined ? undefined : read(at, value.receiver);
  return Reflect.apply(callee, receiver, spread(at, value.args));
}

function compute(operator: string, operands: readonly unknown[]): unknown {
  const [left, right] = operands as readonly [number, number];
  switch (operator) {
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "<":
      return left < right;
    case "===":
      return left === right;
    case "!==":
      return left !== right;
    case "==":
      // biome-ignore lint/suspicious/noDoubleEquals: this is that operator.
      return left == right;
    case "!":
      return !left;
    case "typeof":
      return typeof left;
    default:
      throw new assert.AssertionError({ message: `the programs do not compute ${operator}` });
  }
}
