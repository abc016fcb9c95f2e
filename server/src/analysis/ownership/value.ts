/** What a place can hold, as far as the analysis follows it. */
import type { BodyId } from "../mir/mir.js";
import type { SymbolKey } from "../program/program.js";

/** One tracked value: a creation site, and whether it is the latest value made there or an earlier turn's. */
export type TokenId = string;
export type ObjectId = string;

export type Atom =
  /** The tracked value itself, or whatever a parameter brought. `part`: only something reached from that. */
  | { readonly kind: "tracked"; readonly token: TokenId; readonly part?: true }
  /** The promise of its join. */
  | { readonly kind: "pending"; readonly token: TokenId }
  | { readonly kind: "result"; readonly of: AbstractValue }
  | { readonly kind: "promise"; readonly of: AbstractValue }
  /** An array, object, Map or Set made in this body. */
  | { readonly kind: "object"; readonly object: ObjectId }
  | { readonly kind: "function"; readonly body: BodyId }
  /** A function that a call of another one gave. */
  | { readonly kind: "code"; readonly symbol: SymbolKey }
  /** A boolean that says: where it is `when`, these need no join (`isFinished()`, `result.isErr()`). */
  | { readonly kind: "test"; readonly when: boolean; readonly tokens: readonly TokenId[] };

/** Which ways a value can go in a test: a set of these bits. */
export const truthy = 1;
export const falsy = 2;
export const nullish = 4;
export const anything = truthy | falsy | nullish;
export type Ways = number;

/** One of the atoms, or something else that goes one of the ways `other` in a test. No atoms and `anything`: unknown. */
export interface AbstractValue {
  readonly atoms: readonly Atom[];
  readonly other: Ways;
}

export const unknown: AbstractValue = { atoms: [], other: anything };

export function isUnknown(value: AbstractValue): boolean {
  return value.atoms.length === 0 && value.other === anything;
}

/** The value that is surely this atom. */
export function just(atom: Atom): AbstractValue {
  return { atoms: [atom], other: 0 };
}

/** What is known of a constant. */
export function constantValue(value: string | number | boolean | bigint | null | undefined): AbstractValue {
  return { atoms: [], other: value === null || value === undefined ? nullish : value ? truthy : falsy };
}

function atomKey(atom: Atom): string {
  switch (atom.kind) {
    case "tracked":
      return `h${atom.token}${atom.part ? "." : ""}`;
    case "pending":
      return `p${atom.token}`;
    case "result":
      return `r(${valueKey(atom.of)})`;
    case "promise":
      return `a(${valueKey(atom.of)})`;
    case "object":
      return `o${atom.object}`;
    case "function":
      return `f${atom.body}`;
    case "code":
      return `c${atom.symbol.file}:${atom.symbol.name}:${atom.symbol.offset}`;
    case "test":
      return `t${atom.when}${atom.tokens.join("+")}`;
    default:
      return atom satisfies never;
  }
}

/** Equal values have equal keys. */
function valueKey(value: AbstractValue): string {
  return `${value.atoms.map(atomKey).join("|")}/${value.other}`;
}

/** Whether two values hold the same. */
export function sameValue(a: AbstractValue, b: AbstractValue): boolean {
  if (a === b) return true;
  if (a.other !== b.other || a.atoms.length !== b.atoms.length) return false;
  return a.atoms.every((atom, index) => sameAtom(atom, b.atoms[index]));
}

/** Those that are most of all are compared without keys. */
function sameAtom(a: Atom, b: Atom | undefined): boolean {
  if (a === b) return true;
  if (a.kind !== b?.kind) return false;
  if (a.kind === "pending" && b.kind === "pending") return a.token === b.token;
  if (a.kind === "tracked" && b.kind === "tracked") return a.token === b.token && a.part === b.part;
  if (a.kind === "object" && b.kind === "object") return a.object === b.object;
  return atomKey(a) === atomKey(b);
}

/** A value with its atoms in order and each once, so that equal values have equal keys. */
export function makeValue(atoms: readonly Atom[], other: Ways): AbstractValue {
  if (atoms.length < 2) return { atoms, other };
  const byKey = new Map(atoms.map((atom) => [atomKey(atom), atom] as const));
  const ordered = [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, atom]) => atom);
  return { atoms: ordered, other };
}

/** Either of the values. */
export function either(a: AbstractValue, b: AbstractValue): AbstractValue {
  if (a === b) return a;
  return makeValue([...a.atoms, ...b.atoms], a.other | b.other);
}

export function eitherOf(values: readonly AbstractValue[]): AbstractValue {
  return values.length === 0 ? unknown : values.reduce(either);
}

/** The same value, or `undefined`. */
export function orNothing(value: AbstractValue): AbstractValue {
  return { atoms: value.atoms, other: value.other | nullish };
}

/** The promise of a value. A promise of a promise is one promise. */
export function promiseOf(value: AbstractValue): AbstractValue {
  const flat = value.atoms.filter((atom) => atom.kind === "pending" || atom.kind === "promise");
  const rest = value.atoms.filter((atom) => atom.kind !== "pending" && atom.kind !== "promise");
  if (rest.length === 0)
    return { atoms: flat, other: flat.length === value.atoms.length && flat.length > 0 ? 0 : truthy };
  return makeValue([...flat, { kind: "promise", of: { atoms: rest, other: value.other } }], 0);
}

const none: readonly never[] = [];

/** The tokens that a value is, or of which it is a part: without those in promises, Results and objects. */
export function directTokens(value: AbstractValue): readonly TokenId[] {
  if (value.atoms.length === 0) return none;
  return value.atoms.flatMap((atom) => (atom.kind === "tracked" ? [atom.token] : []));
}

/** The tokens a value names, without those inside objects. */
export function tokensIn(value: AbstractValue): readonly TokenId[] {
  if (value.atoms.length === 0) return none;
  const tokens: TokenId[] = [];
  forEachName(value, (token) => tokens.push(token), ignore);
  return tokens;
}

/** The objects a value names, in promises and results too. */
export function objectsIn(value: AbstractValue): readonly ObjectId[] {
  if (value.atoms.length === 0) return none;
  const objects: ObjectId[] = [];
  forEachName(value, ignore, (object) => objects.push(object));
  return objects;
}

function ignore(): void {}

/** Goes through the tokens and the objects that a value names, in promises and results too. */
export function forEachName(
  value: AbstractValue,
  onToken: (token: TokenId) => void,
  onObject: (object: ObjectId) => void,
): void {
  for (const atom of value.atoms) {
    switch (atom.kind) {
      case "tracked":
      case "pending":
        onToken(atom.token);
        break;
      case "result":
      case "promise":
        forEachName(atom.of, onToken, onObject);
        break;
      case "object":
        onObject(atom.object);
        break;
      case "function":
      case "code":
      case "test":
        break;
      default:
        atom satisfies never;
    }
  }
}

/** Rebuilds a value atom by atom; an atom for which `change` returns undefined becomes some other truthy thing. */
export function mapAtoms(value: AbstractValue, change: (atom: Atom) => Atom | undefined): AbstractValue {
  let { other } = value;
  let changed = false;
  const atoms: Atom[] = [];
  for (const atom of value.atoms) {
    const now = mapAtom(atom, change);
    changed ||= now !== atom;
    if (now !== undefined) atoms.push(now);
    else other |= atom.kind === "test" ? truthy | falsy : truthy;
  }
  return changed ? makeValue(atoms, other) : value;
}

function mapAtom(atom: Atom, change: (atom: Atom) => Atom | undefined): Atom | undefined {
  if (atom.kind !== "result" && atom.kind !== "promise") return change(atom);
  const of = mapAtoms(atom.of, change);
  if (of === atom.of) return atom;
  return of.atoms.length === 0 ? undefined : { kind: atom.kind, of };
}
