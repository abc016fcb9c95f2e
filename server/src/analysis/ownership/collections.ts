/** Calls of the standard library that put values into collections, take them out, and go over them. */
import type { Module, Operand } from "../mir/mir.js";
import type { CollectionRole } from "../models/model.js";
import { sizeOf } from "../threads/bounds.js";
import { numberOf } from "../threads/constants.js";
import { indexModule } from "../threads/walk.js";
import { noteAwaitedHandle } from "./awaiting.js";
import type { CallParts } from "./calls.js";
import { allocate, append, endOf, insertInto, shuffle, takeAt } from "./containers.js";
import { elementsOf } from "./contents.js";
import { handleProtocol } from "./protocols.js";
import { excuseChosenIn, follow, followable } from "./run.js";
import { applySummary, summaryOf } from "./summarized.js";
import { type Evaluated, markTaken, objectId } from "./transfer.js";
import {
  type AbstractValue,
  type Atom,
  either,
  eitherOf,
  isUnknown,
  just,
  objectsIn,
  orNothing,
  promiseOf,
  type TokenId,
  tokensIn,
  unknown,
} from "./value.js";
import { copyWorld, giveAway, happen, type World, waitForNothing } from "./world.js";

export function evaluateCollectionCall(role: CollectionRole, parts: CallParts, world: World): readonly Evaluated[] {
  const { receiver, args, call, frame, at } = parts;
  const one = (value: AbstractValue): readonly Evaluated[] => [{ world, value }];
  switch (role.kind) {
    case "insert":
      if (call.receiver?.kind === "item" || call.receiver === undefined) return one(collection(parts, world, args));
      noteContainer(parts, world, { container: call.receiver, values: args });
      if (call.method === "push" && isOnce(parts)) for (const arg of args) append(world, receiver, arg);
      else {
        if (call.method === "unshift") shuffle(world, receiver);
        for (const arg of args.slice(role.from)) insertInto(world, receiver, arg);
      }
      return one(role.returns === "receiver" ? receiver : unknown);
    case "take": {
      const taken = takeOne(parts, world);
      if (taken !== undefined) return one(taken);
      const inside = elementsOf(world, receiver);
      if (inside.atoms.length === 0) return one(unknown);
      const end = takenEnd(parts, world);
      if (end !== undefined) return one(end);
      if (removing.has(call.method ?? "")) shuffle(world, receiver);
      markTaken(frame, world, inside, at);
      return one(orNothing(inside));
    }
    case "view": {
      if (reordering.has(call.method ?? "")) shuffle(world, receiver);
      const inside = partViewed(parts, world) ?? elementsOf(world, receiver);
      const kept = call.method === "flat" ? spread(world, inside) : inside;
      return one(collection(parts, world, [kept, ...args.map((arg) => spread(world, arg))]));
    }
    case "collect":
      return collect(parts, world);
    case "each":
      leaveToCallback(parts, world);
      return each(parts, world, { elements: elementsOf(world, receiver), callback: 0, returns: role.returns });
    case "combine":
      return one(combine(parts, world));
    case "then":
      for (const arg of args) giveAway(world, arg);
      if (role.passesOn) {
        // Somebody waits, and gets what the promise brings.
        happen(world, pendingIn(receiver), "join");
        return one({ atoms: receiver.atoms.filter((atom) => atom.kind === "promise"), other: receiver.other });
      }
      happen(world, tokensIn(receiver), "join");
      giveAway(world, receiver);
      return one(unknown);
    case "exit":
      return [];
    default:
      return role satisfies never;
  }
}

const removing: ReadonlySet<string> = new Set(["pop", "shift"]);

/** Views that change the array which they are of. */
const reordering: ReadonlySet<string> = new Set(["splice", "sort", "reverse"]);

/** The call is made once: not in a turn of a loop, nor in a function that may be called again. */
function isOnce({ frame, call, at }: CallParts): boolean {
  if (call.args.some(({ spread }) => spread)) return false;
  return frame.stack.length === 1 && !frame.info.innermost.has(at.block.id);
}

/** `pop()`, `shift()` and `at(-1)` of an array that is known element by element. */
function takeOne(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver } = parts;
  const remove = call.method === "pop" ? "last" : call.method === "shift" ? "first" : "none";
  if (!isOnce(parts)) {
    if (remove !== "none") shuffle(world, receiver);
    return undefined;
  }
  const index = call.args[0]?.value;
  if (remove !== "none") return takeAt(world, receiver, { position: remove === "last" ? -1 : 0, remove });
  if (call.method !== "at" || index?.kind !== "constant" || typeof index.value !== "number") return undefined;
  return takeAt(world, receiver, { position: index.value, remove });
}

/** What `pop()`, `shift()`, `at(0)` and `at(-1)` give of an array that a loop has filled. */
function takenEnd(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver, frame } = parts;
  if (!isOnce(parts)) return undefined;
  const index = call.args[0] && numberOf(frame.engine.module, call.args[0].value);
  const position = call.method === "pop" ? -1 : call.method === "shift" ? 0 : call.method === "at" ? index : undefined;
  if (position !== 0 && position !== -1) return undefined;
  return endOf(world, receiver, position === 0 ? "first" : "last", { remove: call.method !== "at" });
}

/** Without the first element, or with it alone, and the same for the last one: `slice(1)`, `slice(0, 1)`, `slice(0, -1)`, `slice(-1)`. */
function partViewed(parts: CallParts, world: World): AbstractValue | undefined {
  const { call, receiver, frame } = parts;
  if (call.method !== "slice" || call.args.length === 0 || !isOnce(parts)) return undefined;
  const bounds = call.args.map(({ value }) => numberOf(frame.engine.module, value)).join();
  const end = bounds === "1" || bounds === "-1" ? "last" : bounds === "0,1" || bounds === "0,-1" ? "first" : undefined;
  return end && endOf(world, receiver, end);
}

function pendingIn({ atoms }: AbstractValue): readonly TokenId[] {
  return atoms.flatMap((atom) => (atom.kind === "pending" ? [atom.token] : []));
}

/** A new collection with these elements. */
function collection({ frame, at }: CallParts, world: World, values: readonly AbstractValue[]): AbstractValue {
  const tracked = values.filter((value) => value.atoms.length > 0);
  // A collection made of what is not followed is not followed; an empty one may be filled yet.
  if (tracked.length === 0 && values.length > 0) return unknown;
  return allocate(world, objectId(frame, at), {
    fields: new Map(),
    elements: tracked.length === 0 ? undefined : eitherOf(tracked),
  });
}

/** What `concat` adds: the elements of an array, or the value itself. */
function spread(world: World, value: AbstractValue): AbstractValue {
  const inside = elementsOf(world, value);
  return inside.atoms.length > 0 ? inside : value;
}

/** `Array.from(x, f)`, `new Set(x)`, `new Map(pairs)`, `Object.values(x)`. */
function collect(parts: CallParts, world: World): readonly Evaluated[] {
  const { args, call } = parts;
  const [source = unknown] = args;
  let elements = elementsOf(world, source);
  if (call.form === "new") {
    const inPairs = elementsOf(world, elements);
    if (inPairs.atoms.length > 0) elements = inPairs;
  }
  if (args.length > 1) return each(parts, world, { elements, callback: 1, returns: "results" });
  return [{ world, value: collection(parts, world, args.length === 0 ? [] : [elements]) }];
}

/** Remembers the variable of the container for messages. */
export function noteContainer(
  { frame }: CallParts,
  world: World,
  { container, values }: { readonly container: Operand | undefined; readonly values: readonly AbstractValue[] },
): void {
  if (container?.kind !== "place") return;
  const { base } = container.place;
  if (frame.engine.module.locals[base]?.name === undefined) return;
  for (const token of values.flatMap(tokensIn)) {
    const site = frame.engine.sites.get(world.tokens.get(token)?.site ?? "");
    if (site !== undefined) site.container ??= base;
  }
}

interface Iteration {
  readonly elements: AbstractValue;
  /** The position of the function among the arguments. */
  readonly callback: number;
  readonly returns: Extract<CollectionRole, { kind: "each" }>["returns"];
}

/** More turns than two show nothing new: the second one meets what the first one left. */
const maxTurns = 2;

/** Runs a callback for no element, one, and two. */
function each(parts: CallParts, world: World, iteration: Iteration): readonly Evaluated[] {
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
    if (returns === "element") return { world: after, value: orNothing(currently(after, elements)) };
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
function leaveToCallback({ frame, call, receiver }: CallParts, world: World): void {
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
  happen(none, tokensIn(elements), "rule-out");
  return none;
}

function argumentsFor(returns: Iteration["returns"], world: World, elements: AbstractValue): readonly AbstractValue[] {
  const element = currently(world, elements);
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

/** `Promise.all(…)`: pending joins stay pending until it is awaited; what other promises bring comes in an array. */
function combine(parts: CallParts, world: World): AbstractValue {
  const { frame, at, args, call } = parts;
  const [source = unknown] = args;
  const operand = call.args[0]?.value;
  const inside = elementsOf(world, source);
  if (inside.atoms.length === 0 || operand === undefined) {
    giveAway(world, source);
    return unknown;
  }
  const settle = (value: AbstractValue): AbstractValue => settledPart(parts, world, value, operand);
  const pending = inside.atoms.filter((atom) => atom.kind === "pending");
  if (call.method === "race" || call.method === "any") {
    // The first one may be any of them, and the others are in it no more.
    waitForNothing(world, tokensIn(inside));
    return { atoms: [...firstOf(world, pending), ...promiseOf(settle(inside)).atoms], other: 0 };
  }
  const containers = source.atoms.flatMap((atom) =>
    atom.kind === "object" ? (world.objects.get(atom.object) ?? []) : [],
  );
  const fields = new Map(
    containers.flatMap(({ fields: own }) => [...own].map(([name, value]) => [name, settle(value)] as const)),
  );
  const rest = containers.flatMap(({ elements }) => (elements === undefined ? [] : [settle(elements)]));
  const elements = [...rest, ...parameterParts(world, source)].reduce<AbstractValue | undefined>(
    (sum, value) => (value.atoms.length === 0 ? sum : sum === undefined ? value : either(sum, value)),
    undefined,
  );
  const array = allocate(world, objectId(frame, at), { fields, elements });
  const all = promiseOf(array);
  return { atoms: [...pending, ...all.atoms], other: 0 };
}

/** Of several joins that are asked for at one place, one is waited for. Whoever names each of them knows what he leaves. */
function firstOf(world: World, pending: readonly Atom[]): readonly Atom[] {
  const ids = [...new Set(tokensIn({ atoms: pending, other: 0 }))];
  const [first, ...others] = ids.map((id) => world.tokens.get(id));
  if (others.length === 0 || first?.protocol !== handleProtocol) return pending;
  if (others.some((token) => token?.site !== first.site)) return pending;
  // Of those that were made at one place, the earlier one comes first.
  const [winner = ""] = [...ids].sort();
  for (const id of ids) {
    const token = world.tokens.get(id);
    if (token !== undefined && id !== winner) world.tokens.set(id, { ...token, raced: true });
  }
  return pending.filter((atom) => "token" in atom && atom.token === winner);
}

function parameterParts(world: World, source: AbstractValue): readonly AbstractValue[] {
  return source.atoms.flatMap((atom) =>
    atom.kind === "tracked" && world.tokens.get(atom.token)?.parameter ? [just(atom)] : [],
  );
}

/** What one element is once all have settled. Handles in place of promises are a mistake of their own. */
function settledPart(
  { frame, at }: CallParts,
  world: World,
  value: AbstractValue,
  operand: CallParts["call"]["callee"],
): AbstractValue {
  const parts = value.atoms.flatMap((atom): AbstractValue[] => {
    switch (atom.kind) {
      case "pending":
        return [];
      case "promise":
        return [atom.of];
      case "tracked":
        if (world.tokens.get(atom.token)?.parameter) return [just(atom)];
        noteAwaitedHandle(frame, world, atom.token, { operand, kind: "combined", at });
        return [];
      case "result":
      case "object":
      case "function":
      case "code":
      case "test":
        return [just(atom)];
      default:
        return atom satisfies never;
    }
  });
  return parts.length === 0 ? unknown : eitherOf(parts);
}
