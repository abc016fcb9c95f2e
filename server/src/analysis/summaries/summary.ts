/** What a function does to what it is given, and what it gives back: all that its callers need to know of it. */
import type { Protocol } from "../ownership/protocol.js";
import type { SymbolKey } from "../program/program.js";

/** What becomes of the values a parameter brings, on every way through the function. */
export type Effect =
  /** Joined (or detached) on every path: the caller owes nothing any more. */
  | "joins"
  /** Given to a thread or sent, as a whole and on every path: the caller must not use it any more. */
  | "moves"
  /** Disposed of on every path: a guard is released, a sender closed. */
  | "drops"
  /** Looked at; it stays the caller's, with what is owed for it. */
  | "borrows"
  /** Given to the function that the parameter of the first number brings, as its argument of the second one, and else looked at. */
  | `to ${number}.${number}`
  /** Kept, handed on, or one of the above on some paths or for a part of it only: the caller is not to be blamed. */
  | "takes";

/** A value as its maker hands it out, free of the maker's own places. */
export interface Shape {
  readonly parts: readonly ShapePart[];
  /** It may also be something else, as in a test: see `Ways`. */
  readonly other: number;
}

export type ShapePart =
  /** A value for which the caller becomes responsible. Two of one number are the same value. */
  | FreshPart
  | { readonly kind: "parameter"; readonly index: number }
  /** The promise of a join. */
  | {
      readonly kind: "pending";
      readonly of: FreshPart | { readonly kind: "parameter"; readonly index: number };
    }
  | { readonly kind: "result"; readonly of: Shape }
  | { readonly kind: "promise"; readonly of: Shape }
  | { readonly kind: "container"; readonly fields: ReadonlyMap<string, Shape>; readonly elements: Shape | undefined }
  /** What a generator gives: a further value for each turn of the loop that asks. */
  | { readonly kind: "generator"; readonly of: Shape }
  /** A function inside of the one that hands it out. */
  | { readonly kind: "function"; readonly symbol: SymbolKey };

export interface FreshPart {
  readonly kind: "fresh";
  readonly number: number;
  readonly protocol: Protocol;
  /** The ends of one channel have one number for it. */
  readonly channel: number | undefined;
}

export interface Summary {
  /** By position. A rest parameter's effect holds for all further arguments. */
  readonly parameters: readonly Effect[];
  readonly rest: boolean;
  readonly receiver: Effect;
  /** Undefined: nothing that is tracked. */
  readonly returns: Shape | undefined;
  /** What it puts into the containers that parameters bring, by position. */
  readonly puts: ReadonlyMap<number, Shape>;
}

/** Of code nobody has seen: it owns what it is given, and what it returns is its own affair. */
export const unknownSummary: Summary = {
  parameters: [],
  rest: false,
  receiver: "takes",
  returns: undefined,
  puts: new Map(),
};

/** The effect on the argument at a position. Further arguments than there are parameters are not looked at. */
export function effectOn(summary: Summary, position: number): Effect {
  const { parameters, rest } = summary;
  const last = parameters.length - 1;
  return parameters[rest ? Math.min(position, last) : position] ?? "takes";
}
