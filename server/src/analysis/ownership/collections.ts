/** Calls of the standard library that put values into collections, take them out, and go over them. */
import type { CollectionRole } from "../models/model.js";
import type { CallParts } from "./calls.js";
import { combine } from "./combining.js";
import { allocate, append, insertInto, shuffle } from "./containers.js";
import { elementsOf, generatorsIn, settledOf } from "./contents.js";
import { isOnce, partViewed, takenEnd, takeOne } from "./elements.js";
import { collection, noteContainer, spread } from "./gathered.js";
import { each, leaveToCallback } from "./iteration.js";
import { sitesOf } from "./made.js";
import { takenByNumber } from "./taking.js";
import { type Evaluated, objectId } from "./transfer.js";
import { type AbstractValue, just, orNothing, promiseOf, type TokenId, tokensIn, unknown } from "./value.js";
import { giveAway, happen, type World } from "./world.js";

export function evaluateCollectionCall(role: CollectionRole, parts: CallParts, world: World): readonly Evaluated[] {
  const { receiver, args, call, frame, at } = parts;
  const one = (value: AbstractValue): readonly Evaluated[] => [{ world, value }];
  switch (role.kind) {
    case "insert":
      if (call.receiver?.kind === "item" || call.receiver === undefined) return one(collection(parts, world, args));
      if (role.returns === "argument") return one(putOne(parts, world));
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
      return one(takenByNumber(frame, world, orNothing(inside), at));
    }
    case "view": {
      if (reordering.has(call.method ?? "")) shuffle(world, receiver);
      const inside = partViewed(parts, world) ?? elementsOf(world, receiver);
      const kept = call.method === "flat" ? spread(world, inside) : inside;
      return one(collection(parts, world, [kept, ...args.map((arg) => spread(world, arg))]));
    }
    case "next":
      return one(nextOf(parts, world, role.mode));
    case "collect":
      return collect(parts, world);
    case "each":
      leaveToCallback(parts, world);
      return each(parts, world, { elements: elementsOf(world, receiver), callback: 0, returns: role.returns });
    case "combine":
      return one(combine(parts, world));
    case "then":
      for (const arg of args) giveAway(world, arg);
      for (const site of sitesOf(frame, world, receiver)) site.met = true;
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

/** `stack.use(handle)`, which gives back what it was given. */
function putOne(parts: CallParts, world: World): AbstractValue {
  const [value = unknown, ...others] = parts.args;
  noteContainer(parts, world, { container: parts.call.receiver, values: [value] });
  insertInto(world, parts.receiver, value);
  for (const other of others) giveAway(world, other);
  return value;
}

/** `{ done, value }`: where it is done, there is no value. */
function nextOf({ frame, at, receiver, args }: CallParts, world: World, mode: "async" | "sync"): AbstractValue {
  for (const arg of args) giveAway(world, arg);
  const [make, ...others] = generatorsIn(world, receiver);
  if (make === undefined || others.length > 0) return unknown;
  const value = settledOf(make(world));
  // Who asks for several by hand knows how many there are, which is not known here.
  const before = tokensIn(value).map((id) => id.replace("#latest", "#earlier"));
  if (!frame.info.innermost.has(at.block.id) && before.some((id) => world.tokens.has(id))) {
    happen(world, [...before, ...tokensIn(value)], "excuse");
    return unknown;
  }
  const done = just({ kind: "test", when: true, tokens: tokensIn(value) });
  const fields = new Map([["value", orNothing(value)] as const, ["done", done] as const]);
  const result = allocate(world, objectId(frame, at), { fields, elements: undefined });
  return mode === "async" ? promiseOf(result) : result;
}

const removing: ReadonlySet<string> = new Set(["pop", "shift"]);

/** Views that change the array which they are of. */
const reordering: ReadonlySet<string> = new Set(["splice", "sort", "reverse"]);

function pendingIn({ atoms }: AbstractValue): readonly TokenId[] {
  return atoms.flatMap((atom) => (atom.kind === "pending" ? [atom.token] : []));
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
