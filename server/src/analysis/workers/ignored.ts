/** Whether a listener does anything with a message of which some fields are known. */
import type { Block, BlockId, Module, Operand, Place, Step } from "../mir/mir.js";
import { onlyDefinition } from "../threads/walk.js";
import { type Listener, type Post, pathInMessage } from "./messages.js";

type Constant = Extract<Operand, { kind: "constant" }>["value"];

/** What is known of a message: its value, or those of all its fields. `open`: a field whose value is not. */
export type Shape =
  | { readonly kind: "value"; readonly value: Constant }
  | { readonly kind: "fields"; readonly fields: ReadonlyMap<string, Constant | typeof open> };

const open = Symbol("a value that is not known");
/** A message as a whole, which is more than its fields. */
const whole = Symbol("the message");
type Known = Constant | typeof open | typeof whole;

/** Undefined where the message is not written out. */
export function shapeOf({ module, message }: Post): Shape | undefined {
  if (message.kind === "constant") return { kind: "value", value: message.value };
  if (message.kind !== "place" || message.place.path.length > 0) return undefined;
  const local = module.locals[message.place.base];
  // A variable may be changed between.
  const value = local?.kind === "temp" ? onlyDefinition(module, local.id)?.step.value : undefined;
  if (value?.kind !== "object") return undefined;
  const fields = new Map<string, Constant | typeof open>();
  for (const { name, value: operand, spread } of value.fields) {
    if (spread || name === undefined) return undefined;
    fields.set(name, operand.kind === "constant" ? operand.value : open);
  }
  return { kind: "fields", fields };
}

/** What tells messages apart: the first field whose value is a text, as it is written. */
export function tagOf(shape: Shape): string | undefined {
  if (shape.kind === "value") return typeof shape.value === "string" ? JSON.stringify(shape.value) : undefined;
  for (const [name, value] of shape.fields) if (typeof value === "string") return `${name}: ${JSON.stringify(value)}`;
  return undefined;
}

/**
 * Whether a listener looks at what the message is, and for this one goes past everything that it does. Whatever is not
 * certain may be the case: both ways of such a branch are followed. A listener that asks for this very message, and
 * then does nothing, has thought of it.
 */
export function ignores(listener: Listener, shape: Shape): boolean {
  const { body, param } = listener;
  if (param === undefined || body.generator) return false;
  /** `named`: the last thing asked on the way there was whether it is this message, and it is. */
  const waiting: { readonly id: BlockId; readonly named: boolean }[] = [{ id: 0, named: false }];
  const reached = new Set(["0 false"]);
  let decided = false;
  for (let at = waiting.pop(); at !== undefined; at = waiting.pop()) {
    const block = body.blocks[at.id];
    if (block === undefined || !block.steps.every((step) => isIdle(listener.module, step))) return false;
    const next = nextOf(listener, shape, block);
    if (next === undefined) return false;
    decided ||= next.decided;
    const named = next.decided ? next.named : at.named;
    if (named && next.to.length === 0) return false;
    for (const id of next.to) {
      const key = `${id} ${named}`;
      if (reached.has(key)) continue;
      reached.add(key);
      waiting.push({ id, named });
    }
  }
  return decided;
}

interface Next {
  readonly to: readonly BlockId[];
  readonly decided: boolean;
  readonly named: boolean;
}

function nextOf(listener: Listener, shape: Shape, { end }: Block): Next | undefined {
  switch (end.kind) {
    case "goto":
      return { to: [end.target], decided: false, named: false };
    case "branch": {
      const { test, condition } = end;
      const tested: Operand = test.kind === "other" ? condition : { ...placed(test.place), span: condition.span };
      const value = knownOf(listener, shape, tested, maxDepth);
      const negated = test.kind !== "other" && test.negated;
      if (value === open || (value === whole && shape.kind === "value"))
        return { to: [end.then, end.else], decided: false, named: false };
      const isNullish = value === undefined || value === null;
      // A message that is an object is there, and is true.
      const holds = test.kind === "nullish" ? isNullish : value === whole || Boolean(value);
      return {
        to: [holds !== negated ? end.then : end.else],
        decided: value !== whole,
        named: isAskedFor(listener, shape, tested),
      };
    }
    case "return":
    case "unreachable":
      return { to: [], decided: false, named: false };
    case "throw":
    case "rethrow":
      return undefined;
  }
}

/** Whether a text of the message is compared with what it is. */
function isAskedFor(listener: Listener, shape: Shape, tested: Operand): boolean {
  if (tested.kind !== "place" || tested.place.path.length > 0) return false;
  const from = onlyDefinition(listener.module, tested.place.base)?.step.value;
  if (from?.kind !== "compute" || !/^[!=]==$/.test(from.operator)) return false;
  const [a, b] = from.operands.map((each) => knownOf(listener, shape, each, maxDepth));
  return typeof a === "string" && a === b && from.operands.some((each) => pathInMessage(listener, each) !== undefined);
}

function placed(place: Place) {
  return { kind: "place", place } as const;
}

/** A step that does nothing but name or compute something. */
function isIdle(module: Module, step: Step): boolean {
  switch (step.kind) {
    case "discard":
    case "end-scope":
      return true;
    case "assign": {
      const isOwn = step.to.path.length === 0 && (step.declares || module.locals[step.to.base]?.kind === "temp");
      return isOwn && (step.value.kind === "use" || step.value.kind === "compute");
    }
    case "update":
    case "delete":
    case "dispose":
      return false;
  }
}

/** A value may go through this many names and computations. */
const maxDepth = 8;

function knownOf(listener: Listener, shape: Shape, operand: Operand, depth: number): Known {
  if (operand.kind === "constant") return operand.value;
  if (operand.kind !== "place" || depth === 0) return open;
  const path = pathInMessage(listener, operand);
  if (path !== undefined) return insideOf(shape, path.split(".").slice(1));
  const { module } = listener;
  const { base, path: steps } = operand.place;
  const from = module.locals[base]?.reassigned === false ? onlyDefinition(module, base)?.step.value : undefined;
  if (steps.length > 0 || from === undefined) return open;
  if (from.kind === "use") return knownOf(listener, shape, from.operand, depth - 1);
  return from.kind === "compute"
    ? computed(
        from.operator,
        from.operands.map((each) => knownOf(listener, shape, each, depth - 1)),
      )
    : open;
}

function insideOf(shape: Shape, [name, ...deeper]: readonly string[]): Known {
  if (shape.kind === "value") return name === undefined ? shape.value : open;
  if (name === undefined) return whole;
  if (deeper.length > 0) return open;
  // What an object has from its prototype is there, too.
  return shape.fields.has(name) ? (shape.fields.get(name) ?? undefined) : name in {} ? open : undefined;
}

function computed(operator: string, values: readonly Known[]): Known {
  const [a, b] = values;
  if (typeof a === "symbol" || typeof b === "symbol") return open;
  switch (operator) {
    case "===":
      return a === b;
    case "!==":
      return a !== b;
    case "!":
      return !a;
    case "typeof":
      return typeof a;
    default:
      return open;
  }
}
