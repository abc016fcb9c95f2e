/** Callbacks that run at once, for each element of a collection. */
import type { Module, Operand } from "../mir/mir.js";
import type { CollectionRole } from "../models/model.js";
import { sizeOf } from "../threads/bounds.js";
import { indexModule } from "../threads/walk.js";
import type { CallParts } from "./calls.js";
import { allocate, insertInto } from "./containers.js";
import { withoutIndividuals } from "./contents.js";
import { oneFound } from "./elements.js";
import { collection, spread } from "./gathered.js";
import { excuseChosenIn, follow, followable } from "./run.js";
import { applySummary, summaryOf } from "./summarized.js";
import { type Evaluated, objectId } from "./transfer.js";
import { type AbstractValue, isUnknown, objectsIn, orNothing, tokensIn, unknown } from "./value.js";
import { copyWorld, giveAway, happen, reachable, type World } from "./world.js";

export interface Iteration {
  readonly elements: AbstractValue;
  /** The position of the function among the arguments. */
  readonly callback: number;
  readonly returns: Extract<CollectionRole, { kind: "each" }>["returns"];
}

/** More turns than two show nothing new: the second one meets what the first one left. */
const maxTurns = 2;

/** Runs a callback for no element, one, and two. */
export function each(parts: CallParts, world: World, iteration: Iteration): readonly Evaluated[] {
  const { frame, call, args } = parts;
  const { elements, callback, returns } = iteration;
  const operand = call.args[callback]?.value;
  const value = args[callback] ?? unknown;
  const body = followable(frame, value);
  for (const [index, arg] of args.entries()) if (index > callback) giveAway(world, arg);
  if (body === undefined || operand === undefined) return eachByName(parts, world, iteration);

  const results = allocate(world, objectId(frame, parts.at), { fields: new Map(), elements: undefined });
  const kept = -2 - frame.stack.length;
  world.locals.set(
    kept,
    returns === "results" ? results : returns === "elements" ? resultsOf(parts, world, elements) : unknown,
  );
  const endings: { world: World; last: AbstractValue }[] = [{ world: noTurn(world, elements), last: unknown }];
  let current = [world];
  for (let turn = 0; turn < turnsOf(parts, callback); turn++) {
    const next: World[] = [];
    for (const start of current) {
      const given = argumentsFor(returns, start, elements);
      for (const ending of follow(frame, start, body, { args: given, at: parts.at })) {
        if (returns === "results")
          insertInto(ending.world, ending.world.locals.get(kept) ?? unknown, flattened(call.method, ending));
        endings.push({ world: ending.world, last: ending.value });
        next.push(copyWorld(ending.world));
      }
    }
    current = [...excuseChosenIn(next)];
  }
  return endings.map(({ world: after, last }) => {
    const result = after.locals.get(kept) ?? unknown;
    after.locals.delete(kept);
    if (returns === "element")
      return { world: after, value: orNothing(oneFound(parts, after) ?? currently(after, elements)) };
    return { world: after, value: returns === "accumulator" ? last : returns === "nothing" ? unknown : result };
  });
}

function turnsOf({ frame: { engine }, call }: CallParts, callback: number): number {
  const source = callback === 0 ? call.receiver : call.args[0]?.value;
  const size = source && sizeOf(engine.module, source);
  return Math.min(maxTurns, Math.max(1, size ?? maxTurns));
}

/**
 * `senders.map((tx) => thread.spawn(move(tx), …))`: which of them an element is cannot be told, so that nothing happens to
 * any. Where the callback hands its element on, none is judged any more.
 */
export function leaveToCallback({ frame, call, receiver }: CallParts, world: World): void {
  const contents = objectsIn(receiver).flatMap((id) => {
    const { fields, elements } = world.objects.get(id) ?? {};
    return [...(fields?.values() ?? []), ...(elements === undefined ? [] : [elements])];
  });
  const own = contents.flatMap(tokensIn).filter((id) => world.tokens.get(id)?.protocol.individual);
  if (own.length > 0 && handsOn(frame.engine.module, call.args[0]?.value)) happen(world, own, "excuse");
}

/** Whether a function does more with what it is given than to call its methods. */
function handsOn(module: Module, callback: Operand | undefined): boolean {
  const body = callback?.kind === "function" ? module.bodies[callback.body] : undefined;
  const param = body?.params[0];
  // A third parameter would be the collection itself.
  if (param?.local === undefined || param.rest || (body?.params.length ?? 0) > 2) return true;
  return (indexModule(module).uses.get(param.local) ?? []).some(({ place, span, step }) => {
    const call = step?.kind === "assign" && step.value.kind === "call" ? step.value : undefined;
    return (
      place.path.length === 0 && (call === undefined || call.args.some(({ value }) => value.span.start === span.start))
    );
  });
}

/** Without a turn there were no elements. */
function noTurn(world: World, elements: AbstractValue): World {
  const none = copyWorld(world);
  happen(none, reachable(none, [elements]), "rule-out");
  return none;
}

function argumentsFor(returns: Iteration["returns"], world: World, elements: AbstractValue): readonly AbstractValue[] {
  const element = withoutIndividuals(world, currently(world, elements));
  return returns === "accumulator" ? [unknown, element] : [element];
}

/** A value, without what is not tracked any more in this world. */
function currently(world: World, value: AbstractValue): AbstractValue {
  const atoms = value.atoms.filter((atom) => !("token" in atom) || world.tokens.has(atom.token));
  return { atoms, other: 0 };
}

function flattened(method: string | undefined, { world, value }: Evaluated): AbstractValue {
  if (method !== "flatMap") return value;
  return spread(world, value);
}

function resultsOf(parts: CallParts, world: World, elements: AbstractValue): AbstractValue {
  return collection(parts, world, isUnknown(elements) ? [] : [elements]);
}

/** `handles.map(joinOne)`: the callback is known by its summary, or not at all. */
function eachByName(parts: CallParts, world: World, { elements, callback, returns }: Iteration): readonly Evaluated[] {
  const { frame, call, args } = parts;
  const operand = call.args[callback]?.value;
  const summary = operand === undefined ? undefined : summaryOf(frame, world, operand, undefined);
  if (summary === undefined) {
    giveAway(world, elements);
    giveAway(world, args[callback] ?? unknown);
    return [{ world, value: unknown }];
  }
  const given = returns === "accumulator" ? [unknown, elements] : [elements];
  const inner = { ...parts, call: { ...call, args: [], receiver: undefined }, receiver: unknown, args: given };
  let { value } = applySummary(summary, inner, world);
  if (returns === "results" && summary.returns !== undefined && turnsOf(parts, callback) > 1) {
    const before = collection(parts, world, [flattened(call.method, { world, value })]);
    value = flattened(call.method, applySummary(summary, inner, world));
    insertInto(world, before, value);
    return [{ world, value: before }];
  }
  switch (returns) {
    case "results":
      return [{ world, value: collection(parts, world, [flattened(call.method, { world, value })]) }];
    case "elements":
      return [{ world, value: collection(parts, world, [currently(world, elements)]) }];
    case "element":
      return [{ world, value: orNothing(currently(world, elements)) }];
    case "accumulator":
      return [{ world, value }];
    case "nothing":
      return [{ world, value: unknown }];
    default:
      return returns satisfies never;
  }
}
