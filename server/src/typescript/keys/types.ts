/** From the compiler's types to {@link TypeKey}s. */
import {
  type Checker,
  ObjectFlags,
  SymbolFlags,
  type Symbol as TsSymbol,
  type Type,
  TypeFlags,
} from "typescript/async";
import type { SymbolKey, TypeKey } from "../../analysis/program/program.js";
import { remember } from "../memo.js";
import type { BasesCache } from "./bases-cache.js";
import type { SymbolKeys } from "./symbols.js";
import type { TypeArguments } from "./type-arguments.js";

/** How deep type arguments are followed: `Promise<Result<Arc<Mutex<number[]>>, E>>` is five deep. */
const maxDepth = 6;
/** A union of more members is of literals or generated; no analysis looks at each. */
const maxMembers = 24;

export interface TypeKeys {
  keyOf(type: Type | undefined): Promise<TypeKey | undefined>;
}

const unknown: TypeKey = { kind: "unknown" };
const object: TypeKey = { kind: "object" };

/**
 * @param from The file that is asked about.
 *
 * Written as plain recursion: the API collects the requests of one turn of the event loop, so all types of one depth
 * share a round trip.
 */
export function createTypeKeys(
  checker: Checker,
  from: string,
  { symbols, argumentsOf }: { readonly symbols: SymbolKeys; readonly argumentsOf: TypeArguments },
  basesCache: BasesCache,
): TypeKeys {
  const answers = new Map<string, Promise<TypeKey>>();

  const keyAt = (type: Type, depth: number): Promise<TypeKey> => {
    const simple = primitive(type.flags);
    if (simple) return Promise.resolve(simple);
    if (depth > maxDepth) return Promise.resolve(unknown);
    return remember(answers, `${type.id}:${depth}`, () => structured(type, depth));
  };

  const structured = async (type: Type, depth: number): Promise<TypeKey> => {
    if (type.isUnionType()) return unionKey(await type.getTypes(), depth);
    if (type.isIntersectionType()) return intersectionKey(await type.getTypes(), depth);
    if (type.isObjectType()) return objectKey(type, depth);
    const constraint = await checker.getBaseConstraintOfType(type);
    return constraint && constraint.id !== type.id ? keyAt(constraint, depth + 1) : unknown;
  };

  const unionKey = async (types: readonly Type[], depth: number): Promise<TypeKey> => {
    const present = types.filter((member) => !(member.flags & TypeFlags.Nullable));
    if (present.length > maxMembers) return unknown;
    const members = await Promise.all(present.map((member) => keyAt(member, depth)));
    const distinct = withoutRepetition(members);
    return distinct.length === 1 && distinct[0] ? distinct[0] : { kind: "union", members: distinct };
  };

  // A branded handle is still a handle.
  const intersectionKey = async (types: readonly Type[], depth: number): Promise<TypeKey> => {
    const members = await Promise.all(types.slice(0, maxMembers).map((member) => keyAt(member, depth + 1)));
    return (
      members.find((member) => member.kind === "named") ?? members.find((member) => member.kind !== "object") ?? object
    );
  };

  const objectKey = async (type: Type & { readonly objectFlags: ObjectFlags }, depth: number): Promise<TypeKey> => {
    if (type.isTupleType()) {
      return { kind: "tuple", elements: await argumentKeys(type, depth) };
    }
    if (type.objectFlags & ObjectFlags.Mapped) return object;
    const nominal = type.objectFlags & (ObjectFlags.ClassOrInterface | ObjectFlags.Reference);
    if (nominal) return namedKey(type, depth);
    const symbol = await type.getSymbol();
    return symbol ? anonymousKey(type, symbol, depth) : object;
  };

  const namedKey = async (type: Type, depth: number): Promise<TypeKey> => {
    const [named, args] = await Promise.all([classKey(type), argumentKeys(type, depth)]);
    if (named?.kind !== "named") return named ?? object;
    const { package: from, name } = named.symbol;
    const isArray = from === "typescript" && (name === "Array" || name === "ReadonlyArray");
    return isArray ? { kind: "array", element: args[0] ?? unknown } : { ...named, args };
  };

  const argumentKeys = async (type: Type, depth: number): Promise<readonly TypeKey[]> => {
    const args = type.isTypeReference() ? await argumentsOf(type) : [];
    return Promise.all(args.map((argument) => keyAt(argument, depth + 1)));
  };

  /** Without its type arguments. Undefined where it has no symbol. */
  const classKey = async (type: Type): Promise<TypeKey | undefined> => {
    const symbol = await type.getSymbol();
    if (!symbol) return undefined;
    const [key, bases] = await Promise.all([symbols.keyOf(symbol), basesOf(type, symbol)]);
    if (!key) return unknown;
    const statics = key.package === undefined ? await staticsOf(symbol) : undefined;
    const isExposed =
      key.package === "typescript" && ofPages.test(key.file) && (symbol.flags & SymbolFlags.Variable) !== 0;
    return {
      kind: "named",
      symbol: key,
      args: [],
      bases,
      ...(statics && { statics }),
      ...(isExposed && { exposed: true }),
    };
  };

  /** Undefined for what is no class. `__@send@12` is how the compiler names a member that is named by a symbol. */
  const staticsOf = async (symbol: TsSymbol): Promise<readonly string[] | undefined> => {
    if (!(symbol.flags & SymbolFlags.Class)) return undefined;
    const members = await (await checker.getTypeOfSymbol(symbol))?.getProperties();
    const names = (members ?? []).map(({ name }) => name.replace(/^.*@(\w+)@\d+$/, "@$1"));
    return names.filter((name) => name !== "prototype").sort();
  };

  const anonymousKey = async (type: Type, symbol: TsSymbol, depth: number): Promise<TypeKey> => {
    // The class itself, an enum, a namespace, an object literal: none of them is an instance of anything.
    if (!(symbol.flags & (SymbolFlags.Function | SymbolFlags.Method | SymbolFlags.TypeLiteral))) return object;
    const signatures = await type.getCallSignatures();
    const [signature] = signatures;
    if (!signature) return object;
    if (signatures.length > 1) return { kind: "function", returns: undefined };
    return { kind: "function", returns: await keyAt(await signature.getReturnType(), depth + 1) };
  };

  const basesOf = async (type: Type, symbol: TsSymbol): Promise<readonly SymbolKey[]> => {
    const declaration = symbol.declarations[0];
    if (!declaration) return [];
    const known = basesCache.get(declaration, from);
    if (known) return known;
    const bases = await allBases(type, 0);
    basesCache.set(declaration, from, bases);
    return bases;
  };

  const allBases = async (type: Type, depth: number): Promise<readonly SymbolKey[]> => {
    if (depth > maxDepth) return [];
    const target = type.isTypeReference() ? await type.getTarget() : type;
    const direct = (await target.getBaseTypes()) ?? [];
    const found = await Promise.all(
      direct.map(async (base) => {
        const [key, above] = await Promise.all([
          base.getSymbol().then((symbol) => symbols.keyOf(symbol)),
          allBases(base, depth + 1),
        ]);
        return key ? [key, ...above] : above;
      }),
    );
    return found.flat();
  };

  return { keyOf: (type) => (type ? keyAt(type, 0) : Promise.resolve(undefined)) };
}

/** The default library's declarations for pages and their workers. */
const ofPages = /\/lib\.(?:dom|webworker)\.d\.ts$/;

/** The answers that need no question. */
function primitive(flags: TypeFlags): TypeKey | undefined {
  if (flags & (TypeFlags.Any | TypeFlags.Unknown | TypeFlags.Never)) return unknown;
  if (flags & TypeFlags.NonPrimitive) return object;
  // An enum is a union of its members too, and so is boolean.
  if (flags & (TypeFlags.NumberLike | TypeFlags.EnumLike)) return { kind: "primitive", name: "number" };
  if (flags & TypeFlags.StringLike) return { kind: "primitive", name: "string" };
  if (flags & TypeFlags.BooleanLike) return { kind: "primitive", name: "boolean" };
  if (flags & TypeFlags.BigIntLike) return { kind: "primitive", name: "bigint" };
  if (flags & TypeFlags.ESSymbolLike) return { kind: "primitive", name: "symbol" };
  if (flags & (TypeFlags.VoidLike | TypeFlags.Null)) return { kind: "primitive", name: "void" };
  return undefined;
}

function withoutRepetition(keys: readonly TypeKey[]): readonly TypeKey[] {
  const seen = new Set<string>();
  return keys.filter((key) => {
    const text = JSON.stringify(key);
    if (seen.has(text)) return false;
    seen.add(text);
    return true;
  });
}
