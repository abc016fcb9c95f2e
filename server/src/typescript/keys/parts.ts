/** From the compiler's types to the {@link Part}s of their values. */
import { SyntaxKind } from "typescript/ast";
import {
  type Checker,
  ObjectFlags,
  SignatureKind,
  SymbolFlags,
  type Symbol as TsSymbol,
  type Type,
  TypeFlags,
} from "typescript/async";
import type { Part, SymbolKey } from "../../analysis/program/program.js";
import { hostTypeOf } from "../../analysis/threads/host-types.js";
import { isDeclarationFile } from "../paths.js";
import type { SymbolKeys } from "./symbols.js";
import type { TypeArguments } from "./type-arguments.js";
import type { TypeKeys } from "./types.js";

/** How deep fields and elements are followed. */
const maxDepth = 5;
/** How many parts one value is taken apart into. */
const maxParts = 100;

export interface PartKeys {
  /** Outer parts first. A function has what it returns as its part, with the path `()`. */
  partsOf(type: Type | undefined): Promise<readonly Part[]>;
}

interface Reached {
  readonly type: Type;
  readonly path: string;
  readonly method?: Part["method"];
}

/** Level by level, so that all types of one depth share a round trip. */
export function createPartKeys(
  checker: Checker,
  typeKeys: TypeKeys,
  { symbols, argumentsOf }: { readonly symbols: SymbolKeys; readonly argumentsOf: TypeArguments },
): PartKeys {
  /** Undefined for what may not be there: nothing certain can be said of it. */
  const part = async ({ type: written, path, method }: Reached): Promise<Part | undefined> => {
    const type = await sameAs(written);
    if (type.isUnionType() && (await type.getTypes()).some(({ flags }) => flags & TypeFlags.Nullable)) return undefined;
    const [key, symbol] = await Promise.all([typeKeys.keyOf(type), symbolOf(type)]);
    if (key === undefined) return undefined;
    const isClass = symbol !== undefined && (symbol.flags & SymbolFlags.Class) !== 0;
    // The class itself, which is a function.
    if (isClass && key.kind === "object")
      return { path, type: { kind: "function", returns: undefined }, instance: false };
    const instance = isClass && key.kind === "named" && (await hasMethods(type));
    return { path, type: key, instance, ...(method && { method }) };
  };

  const inside = async (
    { type: written, path }: Reached,
    { type: key, instance }: Part,
  ): Promise<readonly Reached[]> => {
    const at = (steps: readonly string[], types: readonly Type[]): readonly Reached[] =>
      types.slice(0, steps.length).map((inner, index) => ({ type: inner, path: path + steps[index] }));
    const type = await sameAs(written);
    switch (key.kind) {
      case "array":
        return type.isTypeReference() ? at(["[number]"], await argumentsOf(type)) : [];
      case "tuple":
        return type.isTypeReference()
          ? at(
              key.elements.map((_, index) => `[${index}]`),
              await argumentsOf(type),
            )
          : [];
      case "named": {
        const steps = collections[key.symbol.package === "typescript" ? key.symbol.name : ""];
        if (steps !== undefined) return type.isTypeReference() ? at(steps, await argumentsOf(type)) : [];
        if (isPlatform(key.symbol)) return [];
        // Of a class whose text is not there, a field may be what all instances share; an error is copied without its fields.
        const isOwn = key.symbol.package === undefined && key.bases.every((base) => base.package === undefined);
        return instance && !isOwn ? [] : fieldsOf(type, path);
      }
      case "object":
        return fieldsOf(type, path);
      case "function":
        return path === "" ? resultOf(type) : [];
      case "union":
      case "primitive":
      case "unknown":
        return [];
    }
  };

  const fieldsOf = async (type: Type, path: string): Promise<readonly Reached[]> => {
    const properties = (await checker.getPropertiesOfType(type)).filter(
      ({ name, flags }) =>
        !(flags & SymbolFlags.Optional) &&
        !name.startsWith("__@") &&
        !name.startsWith("__#") &&
        !(flags & SymbolFlags.Method && ofEveryObject.has(name)),
    );
    const skipped = await Promise.all(properties.map(isOfData));
    const fields = properties.filter((_, index) => !skipped[index]).slice(0, maxParts);
    // What says that it may have any name is there to have some.
    if (fields.length === 0) return indexedOf(type, path);
    const [types, methods] = await Promise.all([
      checker.getTypeOfSymbol(fields),
      Promise.all(fields.map((field) => methodOf(type, field))),
    ]);
    return types.map((inner, index) => ({
      type: inner,
      path: path + member(fields[index]?.name ?? ""),
      method: methods[index],
    }));
  };

  /** A method of an object that is written out is its own. */
  const methodOf = async (type: Type, field: TsSymbol): Promise<Part["method"]> => {
    const [declaration] = field.declarations;
    if (declaration === undefined) return undefined;
    const isMapped = type.isObjectType() && (type.objectFlags & ObjectFlags.Mapped) !== 0;
    if (declaration.kind === SyntaxKind.MethodSignature)
      return isMapped && isDeclarationFile(declaration.path) ? "inherited" : "declared";
    if (!inClassOrLiteral.has(declaration.kind)) return undefined;
    return isMapped || ((await field.getParent())?.flags ?? 0) & SymbolFlags.Class ? "inherited" : undefined;
  };

  /** Whether it is what data of the default library has from its prototype, or is made of: `concat`, `constructor`. */
  const isOfData = async (property: TsSymbol): Promise<boolean> => {
    if (!ofTheLibrary.test(property.declarations[0]?.path ?? "")) return false;
    const key = await symbols.keyOf(property);
    const owner = key?.package === "typescript" ? /^(.+)\.[^.]+$/.exec(key.name)?.[1] : undefined;
    const type = owner === undefined ? undefined : hostTypeOf(owner);
    return type === "copied" || type === "transferable";
  };

  const indexedOf = async (type: Type, path: string): Promise<readonly Reached[]> => {
    const [index, ...others] = await checker.getIndexInfosOfType(type);
    return index === undefined || others.length > 0 ? [] : [{ type: index.valueType, path: `${path}[<value>]` }];
  };

  const resultOf = async (type: Type): Promise<readonly Reached[]> => {
    const [signature, ...others] = await checker.getSignaturesOfType(type, SignatureKind.Call);
    if (signature === undefined || others.length > 0) return [];
    const result = await checker.getAwaitedType(await signature.getReturnType());
    return result === undefined ? [] : [{ type: result, path: "()" }];
  };

  /** `Readonly<Date>` is a `Date`, which the compiler takes apart into methods. */
  const sameAs = async (type: Type): Promise<Type> => {
    if (!type.isObjectType() || (type.objectFlags & ObjectFlags.Mapped) === 0) return type;
    const alias = await type.getAliasSymbol();
    if (alias === undefined || !mapsFieldByField.has(alias.name)) return type;
    const [source] = await type.getAliasTypeArguments();
    const key = source && (await typeKeys.keyOf(source));
    if (source === undefined || key?.kind !== "named") return type;
    const isClass = ((await symbolOf(source))?.flags ?? 0) & SymbolFlags.Class;
    return isClass || isPlatform(key.symbol) ? sameAs(source) : type;
  };

  const hasMethods = async (type: Type): Promise<boolean> =>
    (await checker.getPropertiesOfType(type)).some(({ flags }) => flags & (SymbolFlags.Method | SymbolFlags.Accessor));

  return {
    async partsOf(type) {
      const parts: Part[] = [];
      let level: readonly Reached[] = type === undefined ? [] : [{ type, path: "" }];
      for (let depth = 0; depth <= maxDepth && level.length > 0 && parts.length < maxParts; depth++) {
        const found = await Promise.all(level.map(async (one) => ({ one, part: await part(one) })));
        const there = found.flatMap(({ one, part }) => (part === undefined ? [] : [{ one, part }]));
        parts.push(...there.map(({ part }) => part));
        level = (await Promise.all(there.map(({ one, part }) => inside(one, part)))).flat();
      }
      return parts;
    },
  };
}

async function symbolOf(type: Type): Promise<TsSymbol | undefined> {
  return type.isObjectType() ? type.getSymbol() : undefined;
}

/** What a class has for all of its instances, and an object that is written out for itself. */
const inClassOrLiteral: ReadonlySet<SyntaxKind> = new Set([
  SyntaxKind.MethodDeclaration,
  SyntaxKind.GetAccessor,
  SyntaxKind.SetAccessor,
]);

/** Of the default library. */
const mapsFieldByField: ReadonlySet<string> = new Set(["Readonly", "Required"]);

/** What JavaScript's hosts provide is known by its name. */
function isPlatform({ package: from }: SymbolKey): boolean {
  return from === "typescript" || (from?.startsWith("@types/") ?? false);
}

/** A first look, which costs nothing. */
const ofTheLibrary = /\/lib\.[\w.]+\.d\.ts$/;

/** A type that declares one of these as a method may mean what plain data inherits, which is no part of the data. */
const ofEveryObject: ReadonlySet<string> = new Set([
  "hasOwnProperty",
  "isPrototypeOf",
  "propertyIsEnumerable",
  "toLocaleString",
  "toString",
  "valueOf",
]);

/** What the type arguments of a collection of the default library are. */
const collections: Readonly<Record<string, readonly string[]>> = {
  Map: ["[<key>]", "[<value>]"],
  ReadonlyMap: ["[<key>]", "[<value>]"],
  Set: ["[<item>]"],
  ReadonlySet: ["[<item>]"],
};

function member(name: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}
