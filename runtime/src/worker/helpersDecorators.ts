// Helpers for decorators, see helpers.ts.
import { classHelpers } from "./helpersClass.js";

type AnyFunction = (...parameters: never[]) => unknown;
type Call = (...parameters: unknown[]) => unknown;

const kinds = ["class", "method", "getter", "setter", "accessor", "field"] as const;
type Kind = (typeof kinds)[number];

/** Where a decorated function is in its property's descriptor. */
function partOf(kind: Kind): "get" | "set" | "value" {
  return kind === "getter" ? "get" : kind === "setter" ? "set" : "value";
}

function assertFunction(value: unknown): asserts value is Call {
  if (typeof value !== "function") throw TypeError("Function expected");
}

/** What is decorated: its descriptor changes, and the lists grow. */
interface Element {
  readonly kind: Kind;
  readonly descriptor: PropertyDescriptor;
  readonly context: object;
  readonly initializers: Call[];
  readonly extraInitializers: Call[];
}

/** Calls the decorators of a class or of one of its members, from the last one to the first. */
function decorate(decorators: readonly unknown[], element: Element): void {
  for (const decorator of decorators.toReversed()) {
    assertFunction(decorator);
    let isOpen = true;
    const addInitializer = (f: unknown): void => {
      if (!isOpen) throw TypeError("an initializer cannot be added once the decorator has returned");
      assertFunction(f);
      element.extraInitializers.push(f);
    };
    const result = decorator(valueIn(element), { ...element.context, addInitializer });
    isOpen = false;
    if (result !== undefined) take(element, result);
  }
}

function valueIn({ kind, descriptor }: Element): unknown {
  if (kind === "field") return undefined;
  return kind === "accessor" ? { get: descriptor.get, set: descriptor.set } : descriptor[partOf(kind)];
}

function take({ kind, descriptor, initializers }: Element, result: unknown): void {
  if (kind === "accessor") {
    if (typeof result !== "object" || result === null) throw TypeError("Object expected");
    const { get, set, init } = result as Record<"get" | "set" | "init", unknown>;
    for (const f of [get, set, init]) if (f !== undefined) assertFunction(f);
    if (get !== undefined) descriptor.get = get as () => unknown;
    if (set !== undefined) descriptor.set = set as (value: unknown) => void;
    if (init !== undefined) initializers.unshift(init as Call);
    return;
  }
  assertFunction(result);
  if (kind === "field") initializers.unshift(result);
  else descriptor[partOf(kind)] = result;
}

/** TypeScript's, for decorators of the language. */
function typeScriptDecorate(
  owner: { readonly prototype: object } | null,
  given: PropertyDescriptor | null,
  decorators: readonly unknown[],
  context: { readonly kind: Kind; readonly name: PropertyKey; readonly static?: boolean },
  initializers: Call[] | null,
  extraInitializers: Call[],
): void {
  const target = given !== null || owner === null ? undefined : context.static === true ? owner : owner.prototype;
  const found = target === undefined ? undefined : Object.getOwnPropertyDescriptor(target, context.name);
  const descriptor = given ?? found ?? {};
  const { kind } = context;
  decorate(decorators, { kind, descriptor, context, initializers: initializers ?? [], extraInitializers });
  if (target !== undefined && kind !== "field") Object.defineProperty(target, context.name, descriptor);
}

/** What esbuild keeps of a class: initializers of the class, of statics and of instances, metadata, and two lists a field. */
type Lists = unknown[];
const metadataAt = 3;

function symbolOfMetadata(): symbol {
  return (Reflect.get(Symbol, "metadata") as symbol | undefined) ?? Symbol.for("Symbol.metadata");
}

/** What esbuild's numbers say of a member. */
interface Flags {
  readonly kind: Kind;
  readonly isStatic: boolean;
  readonly isPrivate: boolean;
}

function flagsOf(flags: number): Flags {
  return { kind: kinds[flags & 7] ?? "field", isStatic: (flags & 8) !== 0, isPrivate: (flags & 16) !== 0 };
}

/** esbuild's, for decorators of the language. `extra` is a private method, or where an accessor keeps its values. */
function esbuildDecorate(
  lists: Lists,
  number: number,
  name: PropertyKey,
  decorators: readonly unknown[],
  target: AnyFunction,
  extra?: unknown,
): unknown {
  const flags = flagsOf(number);
  const { kind, isStatic, isPrivate } = flags;
  const hasLists = kind === "accessor" || kind === "field";
  const at = hasLists ? lists.length + 1 : kind === "class" ? 0 : isStatic ? 1 : 2;
  if (hasLists) lists[at - 1] = [];
  lists[at] ??= [];
  const owner: object = kind === "class" || isPrivate || isStatic ? target : Reflect.get(target, "prototype");
  const descriptor = esbuildDescriptor(flags, name, owner, extra);
  const context = {
    kind,
    name,
    metadata: lists[metadataAt],
    ...(kind === "class" ? {} : { static: isStatic, private: isPrivate }),
    ...(kind === "class" ? {} : { access: accessOf(flags, name, owner, descriptor) }),
  };
  decorate(decorators, {
    kind,
    descriptor,
    context,
    initializers: hasLists ? (lists[at - 1] as Call[]) : [],
    extraInitializers: lists[at] as Call[],
  });
  if (kind === "class") return withMetadata(descriptor.value, lists);
  if (isPrivate) return kind === "accessor" ? descriptor : descriptor[partOf(kind)];
  if (kind !== "field") Object.defineProperty(owner, name, descriptor);
  return target;
}

function withMetadata(decorated: object, lists: Lists): object {
  const value = lists[metadataAt];
  return Object.defineProperty(decorated, symbolOfMetadata(), {
    enumerable: true,
    configurable: true,
    writable: true,
    value,
  });
}

const { __privateGet, __privateSet, __privateIn } = classHelpers as Readonly<Record<string, Call>>;

function esbuildDescriptor({ kind, isPrivate }: Flags, name: PropertyKey, owner: object, extra: unknown) {
  const named = (value: unknown, text: string) => {
    if (typeof value === "function") Object.defineProperty(value, "name", { value: text, configurable: true });
    return value;
  };
  if (kind === "class") return { value: named(owner, String(name)) } as PropertyDescriptor;
  if (kind === "accessor") {
    const descriptor: PropertyDescriptor = {
      configurable: true,
      enumerable: true,
      get(this: unknown) {
        return __privateGet?.(this, extra);
      },
      set(this: unknown, value: unknown) {
        __privateSet?.(this, extra, value);
      },
    };
    return descriptor;
  }
  if (kind === "field") return {};
  if (!isPrivate) return Object.getOwnPropertyDescriptor(owner, name) ?? {};
  const part = partOf(kind);
  return { [part]: named(extra, part === "value" ? String(name) : `${part} ${String(name)}`) } as PropertyDescriptor;
}

/** How a decorator gets at the member of an object. */
function accessOf(
  { kind, isPrivate }: Flags,
  name: PropertyKey,
  store: object,
  descriptor: PropertyDescriptor,
): object {
  const has = (object: object) => (isPrivate ? __privateIn?.(store, object) : name in object);
  const get = (object: object) => {
    if (!isPrivate) return Reflect.get(object, name, object);
    if (kind !== "method") return __privateGet?.(object, store, descriptor.get);
    if (__privateIn?.(store, object) !== true) throw TypeError("Cannot access private method");
    return descriptor.value;
  };
  const set = (object: object, value: unknown) => {
    if (isPrivate) __privateSet?.(object, store, value, descriptor.set);
    else Reflect.set(object, name, value, object);
  };
  return {
    has,
    ...(kind === "setter" ? {} : { get }),
    ...(kind === "method" || kind === "getter" ? {} : { set }),
  };
}

/** esbuild hands over all lists and which one it means; TypeScript the object, and the list. */
function runInitializers(first: unknown, second: unknown, third: unknown, ...rest: unknown[]): unknown {
  if (typeof second === "number") {
    const list = ((first as Lists)[second >> 1] ?? []) as Call[];
    return runAll(list, third, (second & 1) === 0, rest[0]);
  }
  return runAll(second as Call[], first, third !== undefined || rest.length > 0, third);
}

function runAll(list: readonly Call[], self: unknown, hasValue: boolean, first: unknown): unknown {
  let value = first;
  for (const f of list) {
    if (hasValue) value = Reflect.apply(f, self, [value]);
    else Reflect.apply(f, self, []);
  }
  return hasValue ? value : undefined;
}

/** What gives metadata is no decorator where there is no `reflect-metadata`. */
type Decorators = readonly (Call | undefined)[];

/** From the last one to the first. */
function called(decorators: Decorators): readonly Call[] {
  return decorators.flatMap((decorator) => decorator ?? []).toReversed();
}

/** TypeScript's, with `experimentalDecorators`; with `reflect-metadata` that one decorates. */
function legacyDecorate(
  ...parameters: [decorators: Decorators, target: object, key?: PropertyKey, given?: unknown]
): unknown {
  const [decorators, target, key, given] = parameters;
  const other: unknown = Reflect.get(Reflect, "decorate");
  if (typeof other === "function") return Reflect.apply(other, Reflect, parameters);
  const isClass = parameters.length < 3;
  const hasDescriptor = parameters.length > 3;
  let result: unknown = isClass ? target : given === null ? descriptorOf(target, key) : given;
  for (const decorator of called(decorators)) {
    const next = isClass ? decorator(result) : hasDescriptor ? decorator(target, key, result) : decorator(target, key);
    result = next || result;
  }
  if (hasDescriptor && result && key !== undefined) Object.defineProperty(target, key, result as PropertyDescriptor);
  return result;
}

function descriptorOf(target: object, key: PropertyKey | undefined): unknown {
  return key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
}

/** esbuild's, with `experimentalDecorators`; `kind` is 1 for a method, 2 for a field. */
function esbuildLegacyDecorate(decorators: Decorators, target: object, key?: PropertyKey, kind = 0): unknown {
  let result: unknown = kind > 1 ? undefined : kind === 1 ? descriptorOf(target, key) : target;
  for (const decorator of called(decorators)) {
    result = (kind > 0 ? decorator(target, key, result) : decorator(result)) || result;
  }
  if (kind > 0 && result && key !== undefined) Object.defineProperty(target, key, result as PropertyDescriptor);
  return result;
}

const decorateParameter = (index: number, decorator: Call) => (target: unknown, key: unknown) =>
  decorator(target, key, index);

function metadata(key: unknown, value: unknown): unknown {
  const make: unknown = Reflect.get(Reflect, "metadata");
  return typeof make === "function" ? Reflect.apply(make, Reflect, [key, value]) : undefined;
}

export const decoratorHelpers: Readonly<Record<string, unknown>> = {
  __decorate: legacyDecorate,
  __param: decorateParameter,
  __metadata: metadata,
  _ts_decorate: legacyDecorate,
  _ts_param: decorateParameter,
  _ts_metadata: metadata,
  __decorateClass: esbuildLegacyDecorate,
  __decorateParam: decorateParameter,
  __esDecorate: typeScriptDecorate,
  __runInitializers: runInitializers,
  __decoratorStart: (base?: object | null): Lists => {
    const inherited: unknown = base == null ? undefined : Reflect.get(base, symbolOfMetadata());
    return [undefined, undefined, undefined, Object.create((inherited ?? null) as object | null)];
  },
  __decorateElement: esbuildDecorate,
  __decoratorMetadata: (lists: Lists, target: object) => withMetadata(target, lists),
};
