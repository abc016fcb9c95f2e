/** Promises that are waited for together: `Promise.all`, `allSettled`, `race` and `any`. */
import { noteAwaitedHandle } from "./awaiting.js";
import type { CallParts } from "./calls.js";
import { allocate } from "./containers.js";
import { elementsOf } from "./contents.js";
import { handleProtocol } from "./protocols.js";
import { objectId } from "./transfer.js";
import { type AbstractValue, type Atom, either, eitherOf, just, promiseOf, tokensIn, unknown } from "./value.js";
import { giveAway, type World, waitForNothing } from "./world.js";

/** `Promise.all(…)`: pending joins stay pending until it is awaited; what other promises bring comes in an array. */
export function combine(parts: CallParts, world: World): AbstractValue {
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
