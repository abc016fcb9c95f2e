/** Between a function's own values and the shapes that its summary hands to callers. */

import type { BodyId } from "../mir/mir.js";
import type { CallParts } from "../ownership/calls.js";
import { allocate } from "../ownership/containers.js";
import { makeTracked } from "../ownership/made.js";
import { obliges } from "../ownership/protocol.js";
import { objectId } from "../ownership/transfer.js";
import {
  type AbstractValue,
  type Atom,
  anything,
  eitherOf,
  just,
  makeValue,
  type TokenId,
  tokensIn,
  unknown,
} from "../ownership/value.js";
import type { AbstractObject, World } from "../ownership/world.js";
import type { SymbolKey } from "../program/program.js";
import type { FreshPart, Shape, ShapePart } from "./summary.js";

/** Who made each token, as the caller sees it. */
export interface Origins {
  /** The parameter that brought it, "this" for what the method was called on, undefined for one that the function made. */
  readonly parameterOf: (token: TokenId) => number | "this" | undefined;
  /** Numbers what the function made. */
  readonly numberOf: (token: TokenId) => number;
  readonly channelOf: (name: string) => number;
  /** How others name a function inside of it. Undefined for one that has nothing to do with what is tracked. */
  readonly functionOf: (body: BodyId) => SymbolKey | undefined;
}

/** Containers in each other deeper than this are not described. */
const maxDepth = 5;

/** Describes a value that leaves the function. Undefined: nothing in it is tracked. */
export function describe(world: World, value: AbstractValue, origins: Origins, depth = 0): Shape | undefined {
  if (depth > maxDepth) return undefined;
  const parts = value.atoms.flatMap((atom): ShapePart[] => {
    const part = describeAtom(world, atom, origins, depth);
    return part === undefined ? [] : [part];
  });
  if (parts.length === 0) return undefined;
  return { parts, other: parts.length < value.atoms.length ? anything : value.other };
}

function describeAtom(world: World, atom: Atom, origins: Origins, depth: number): ShapePart | undefined {
  switch (atom.kind) {
    case "tracked":
      return tokenPart(world, atom.token, origins);
    case "pending": {
      const of = tokenPart(world, atom.token, origins);
      return of && { kind: "pending", of };
    }
    case "result":
    case "promise": {
      const of = describe(world, atom.of, origins, depth + 1);
      return of === undefined ? undefined : { kind: atom.kind, of };
    }
    case "object": {
      const object = world.objects.get(atom.object);
      return object === undefined ? undefined : describeObject(world, object, origins, depth);
    }
    case "function": {
      const symbol = origins.functionOf(atom.body);
      return symbol && { kind: "function", symbol };
    }
    case "code":
      return { kind: "function", symbol: atom.symbol };
    case "test":
      return undefined;
    default:
      return atom satisfies never;
  }
}

type TokenPart = Extract<ShapePart, { kind: "fresh" | "parameter" }>;

/** Undefined for what the receiver brought: it stays whose it was, and `return this` makes nothing. */
function tokenPart(world: World, id: TokenId, origins: Origins): TokenPart | undefined {
  const index = origins.parameterOf(id);
  if (index !== undefined) return index === "this" ? undefined : { kind: "parameter", index };
  const token = world.tokens.get(id);
  // Of a value that only its type tells of, the caller's own variable tells as much.
  const isNews = token !== undefined && (obliges(token) || token.channel !== undefined);
  if (!isNews) return undefined;
  const { protocol, channel } = token;
  const number = origins.numberOf(id);
  return {
    kind: "fresh",
    number,
    protocol,
    channel: channel === undefined ? undefined : origins.channelOf(channel),
  };
}

function describeObject(world: World, object: AbstractObject, origins: Origins, depth: number): ShapePart | undefined {
  // One generator in another's: nobody follows it that far.
  if (object.makes !== undefined) return undefined;
  const fields = new Map<string, Shape>();
  for (const [name, value] of object.fields) {
    const shape = describe(world, value, origins, depth + 1);
    if (shape !== undefined) fields.set(name, shape);
  }
  const elements = object.elements === undefined ? undefined : describe(world, object.elements, origins, depth + 1);
  if (fields.size === 0 && elements === undefined) return undefined;
  return { kind: "container", fields, elements };
}

/** Either of two shapes; undefined is a value in which nothing is tracked. */
export function eitherShape(a: Shape | undefined, b: Shape | undefined): Shape | undefined {
  if (a === undefined || b === undefined) {
    const only = a ?? b;
    return only === undefined ? undefined : { parts: only.parts, other: anything };
  }
  const parts = new Map([...a.parts, ...b.parts].map((part) => [partKey(part), part] as const));
  return { parts: [...parts.values()], other: a.other | b.other };
}

export function shapeKey(shape: Shape | undefined): string {
  return shape === undefined ? "-" : `${shape.parts.map(partKey).sort().join("|")}/${shape.other}`;
}

function partKey(part: ShapePart): string {
  switch (part.kind) {
    case "fresh":
      return `f${part.number}`;
    case "parameter":
      return `p${part.index}`;
    case "pending":
      return `w(${partKey(part.of)})`;
    case "result":
    case "promise":
      return `${part.kind}(${shapeKey(part.of)})`;
    case "container": {
      const fields = [...part.fields].map(([name, shape]) => `${name}:${shapeKey(shape)}`).sort();
      return `{${fields.join()};${shapeKey(part.elements)}}`;
    }
    case "generator":
      return `*(${shapeKey(part.of)})`;
    case "function":
      return `=>${part.symbol.file}:${part.symbol.name}`;
    default:
      return part satisfies never;
  }
}

/** Makes what a call hands out, in the caller's world. What the function made is from now on the caller's to join. */
export function instantiator(parts: CallParts & { readonly world: World }): (shape: Shape) => AbstractValue {
  const made = new Map<number, AbstractValue>();
  const fresh = ({ number, protocol, channel: numbered }: FreshPart): AbstractValue => {
    const channel = numbered === undefined ? {} : { channel: `${objectId(parts.frame, parts.at)}/${numbered}` };
    const making = { protocol, origin: "wrapper", part: number + 1, ...channel } as const;
    const known = made.get(number) ?? makeTracked(parts, parts.world, making);
    made.set(number, known);
    return known;
  };
  let containers = 0;
  const build = (from: Shape): AbstractValue => {
    const values = from.parts.map(buildPart).filter((value) => value.atoms.length > 0);
    if (values.length === 0) return unknown;
    const all = eitherOf(values);
    return makeValue(all.atoms, all.other | from.other);
  };
  const buildPart = (part: ShapePart): AbstractValue => {
    switch (part.kind) {
      case "fresh":
        return fresh(part);
      case "parameter":
        return parts.args[part.index] ?? unknown;
      case "pending": {
        const tokens = tokensIn(buildPart(part.of));
        return makeValue(
          tokens.map((token): Atom => ({ kind: "pending", token })),
          0,
        );
      }
      case "result":
      case "promise": {
        const of = build(part.of);
        return of.atoms.length === 0 ? unknown : just({ kind: part.kind, of });
      }
      case "container": {
        const fields = new Map([...part.fields].map(([name, field]) => [name, build(field)] as const));
        const elements = part.elements === undefined ? undefined : build(part.elements);
        return allocate(parts.world, `${objectId(parts.frame, parts.at)}/${containers++}`, { fields, elements });
      }
      case "generator": {
        const makes = (world: World): AbstractValue => instantiator({ ...parts, world })(part.of);
        const id = `${objectId(parts.frame, parts.at)}/${containers++}`;
        return allocate(parts.world, id, { fields: new Map(), elements: undefined, makes });
      }
      case "function":
        return just({ kind: "code", symbol: part.symbol });
      default:
        return part satisfies never;
    }
  };
  return build;
}
