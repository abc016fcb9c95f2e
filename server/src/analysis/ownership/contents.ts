/** What places hold, and what is in containers. */
import type { LocalId, Place, Projection } from "../mir/mir.js";
import { forbids } from "./protocol.js";
import { handleProtocol, outcomeProtocol } from "./protocols.js";
import {
  type AbstractValue,
  type Atom,
  either,
  eitherOf,
  isUnknown,
  just,
  mapAtoms,
  nullish,
  orNothing,
  type TokenId,
  tokensIn,
  truthy,
  unknown,
} from "./value.js";
import type { AbstractObject, Token, World } from "./world.js";

/** What a place holds. */
export function read(world: World, place: Place): AbstractValue {
  let value = world.locals.get(place.base) ?? unknown;
  for (const step of place.path) value = project(world, value, step);
  return value;
}

function project(world: World, value: AbstractValue, step: Projection): AbstractValue {
  if (value.atoms.length === 0) return unknown;
  const parts = value.atoms.map((atom) => projectAtom(world, atom, step));
  return eitherOf((value.other & ~nullish) === 0 ? parts : [...parts, unknown]);
}

function projectAtom(world: World, atom: Atom, step: Projection): AbstractValue {
  switch (atom.kind) {
    case "object":
      return partOf(world, world.objects.get(atom.object), step);
    case "tracked":
      return projectTracked(world.tokens.get(atom.token), atom, step);
    case "result":
      if (step.kind !== "field") return isValueOfPair(step) ? just(atom) : unknown;
      if (step.name === "value") return orNothing(atom.of);
      if (step.name === "ok") return just({ kind: "test", when: false, tokens: tokensIn(atom.of) });
      return unknown;
    case "promise":
    case "pending":
      return isValueOfPair(step) ? just(atom) : unknown;
    case "function":
    case "code":
    case "test":
      return unknown;
    default:
      return atom satisfies never;
  }
}

function projectTracked(
  token: Token | undefined,
  atom: Extract<Atom, { kind: "tracked" }>,
  step: Projection,
): AbstractValue {
  if (token?.view && step.kind === "field" && step.name === "buffer") return just(atom);
  if (token?.parameter) return just({ ...atom, part: true });
  if (token?.protocol.individual) {
    // A view and its memory are moved together.
    return step.kind === "field" && step.name === "buffer" ? just(atom) : unknown;
  }
  if (step.kind === "field" && step.name === "ok" && token?.protocol === outcomeProtocol) {
    return just({ kind: "test", when: false, tokens: [atom.token, ...token.carries] });
  }
  return isValueOfPair(step) ? just(atom) : unknown;
}

/** Maps and `entries()` give pairs; a pair is followed as its value, which is what stands at 1. */
function isValueOfPair(step: Projection): boolean {
  return step.kind === "index" && step.constant === 1;
}

function partOf(world: World, object: AbstractObject | undefined, step: Projection): AbstractValue {
  if (object === undefined) return unknown;
  if (step.kind === "field") return object.fields.get(step.name) ?? unknown;
  if (step.constant !== undefined) {
    const known = object.fields.get(String(step.constant));
    if (known !== undefined) return known;
    if (object.elements === undefined) return unknown;
    const end = step.constant === 0 ? "first" : step.constant === 1 ? "last" : undefined;
    const chosen = end && elementAt(world, object.elements, end);
    return chosen ?? orNothing(withoutIndividuals(world, object.elements));
  }
  return contentsOf(world, object);
}

/**
 * One end of what was filled by one place in two turns, which are as many as tell one element from another. Undefined where
 * it is not known to be so.
 */
export function elementAt(world: World, elements: AbstractValue, end: "first" | "last"): AbstractValue | undefined {
  const met = new Map<TokenId, string>();
  for (const atom of elements.atoms) {
    if (atom.kind === "promise") continue;
    const token = atom.kind === "tracked" || atom.kind === "pending" ? world.tokens.get(atom.token) : undefined;
    const isTold = token?.protocol === handleProtocol || token?.protocol === outcomeProtocol;
    if (token === undefined || !isTold || !("token" in atom)) return undefined;
    met.set(atom.token, token.site);
  }
  // What was met already is followed no more, and stands there as something else.
  const count = met.size + (elements.other === truthy ? 1 : 0);
  if (met.size === 0 || count !== 2 || new Set(met.values()).size !== 1) return undefined;
  const wanted = end === "first" ? "#earlier" : "#latest";
  // Of what promises of joins bring, none is told from another.
  const atoms = elements.atoms.filter((atom) => !("token" in atom) || atom.token.endsWith(wanted));
  return { atoms, other: atoms.length === 0 ? truthy : 0 };
}

/** A value that was one of several, so that of none it is known to be that, nor to be the one that must not be used any more. */
export function withoutIndividuals(world: World, value: AbstractValue): AbstractValue {
  return mapAtoms(value, (atom) => {
    const token = atom.kind === "tracked" ? world.tokens.get(atom.token) : undefined;
    return token !== undefined && (token.protocol.individual || forbids(token, "use")) ? undefined : atom;
  });
}

/** Any of the things in a container. */
function contentsOf(world: World, object: AbstractObject): AbstractValue {
  const values = [...object.fields.values(), ...(object.elements === undefined ? [] : [object.elements])];
  const tracked = values.map((value) => withoutIndividuals(world, value)).filter((value) => value.atoms.length > 0);
  return tracked.length === 0 ? unknown : orNothing(eitherOf(tracked));
}

/** Any of the things in the containers that a value names; a parameter is its own content. */
export function elementsOf(world: World, value: AbstractValue): AbstractValue {
  const parts = value.atoms.flatMap((atom): AbstractValue[] => {
    if (atom.kind === "object") {
      const object = world.objects.get(atom.object);
      if (object?.makes !== undefined) return [severalOf(world, object.makes)];
      return object === undefined ? [] : [contentsOf(world, object)];
    }
    return atom.kind === "tracked" && world.tokens.get(atom.token)?.parameter ? [just({ ...atom, part: true })] : [];
  });
  return eitherOf(parts.filter((part) => !isUnknown(part)));
}

/** What a generator gives to who takes all of it: two, as of all things of which there are several. */
function severalOf(world: World, make: (world: World) => AbstractValue): AbstractValue {
  world.locals.set(takenBefore, make(world));
  const last = make(world);
  const first = world.locals.get(takenBefore) ?? unknown;
  world.locals.delete(takenBefore);
  return either(first, last);
}

/** No local has this number. */
const takenBefore: LocalId = -50;

/** The generators that a value surely is one of. */
export function generatorsIn(world: World, { atoms }: AbstractValue): readonly ((world: World) => AbstractValue)[] {
  return atoms.flatMap((atom) => (atom.kind === "object" ? (world.objects.get(atom.object)?.makes ?? []) : []));
}

/** What a generator gives has been waited for by the generator already. */
export function settledOf({ atoms, other }: AbstractValue): AbstractValue {
  return { atoms: atoms.flatMap((atom) => (atom.kind === "promise" ? atom.of.atoms : [atom])), other };
}
