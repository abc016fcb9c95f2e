// Helpers for classes and their private members, see helpers.ts.

type Store = WeakMap<object, unknown> | WeakSet<object>;
type Getter = (() => unknown) | undefined;
type Setter = ((value: unknown) => unknown) | undefined;

function assertHas(object: object, store: { has(object: object): boolean }, verb: string): void {
  if (!store.has(object)) throw TypeError(`Cannot ${verb} private member: it was not declared by the object's class`);
}

function esbuildGet(object: object, store: Store, getter: Getter): unknown {
  assertHas(object, store, "read from");
  return getter ? getter.call(object) : (store as WeakMap<object, unknown>).get(object);
}

function esbuildSet(object: object, store: Store, value: unknown, setter: Setter): unknown {
  assertHas(object, store, "write to");
  if (setter) setter.call(object, value);
  else (store as WeakMap<object, unknown>).set(object, value);
  return value;
}

/** `store` is a WeakMap, a WeakSet, or the class itself for a static member. */
type Members = Store | (new (...parameters: never[]) => unknown);

function holds(store: Members, object: object): boolean {
  return typeof store === "function" ? object === store : store.has(object);
}

function typeScriptGet(object: object, store: Members, kind: "a" | "m" | "f", f?: unknown): unknown {
  if (!holds(store, object)) {
    throw new TypeError("Cannot read private member from an object whose class did not declare it");
  }
  if (kind === "m") return f;
  if (kind === "a") return (f as () => unknown).call(object);
  return f ? (f as { value: unknown }).value : (store as WeakMap<object, unknown>).get(object);
}

function typeScriptSet(object: object, store: Members, value: unknown, kind: "a" | "m" | "f", f?: unknown): unknown {
  if (kind === "m") throw new TypeError("Private method is not writable");
  if (!holds(store, object)) {
    throw new TypeError("Cannot write private member to an object whose class did not declare it");
  }
  if (kind === "a") (f as (value: unknown) => unknown).call(object, value);
  else if (f) (f as { value: unknown }).value = value;
  else (store as WeakMap<object, unknown>).set(object, value);
  return value;
}

function inherit(derived: new () => object, base: (new () => object) | null): void {
  if (base !== null) Object.setPrototypeOf(derived, base);
  derived.prototype = Object.create(base === null ? null : base.prototype, {
    constructor: { value: derived, writable: true, configurable: true },
  });
}

function defineField(object: object, key: PropertyKey, value: unknown): unknown {
  Object.defineProperty(object, key, { enumerable: true, configurable: true, writable: true, value });
  return value;
}

/** By the names compilers give them. */
export const classHelpers = {
  __extends: inherit,
  __publicField: (object: object, key: PropertyKey, value: unknown) =>
    defineField(object, typeof key === "symbol" ? key : String(key), value),
  __accessCheck: (object: object, store: Store, message: string) => assertHas(object, store, message),
  __privateGet: esbuildGet,
  __privateSet: esbuildSet,
  __privateAdd: (object: object, store: Store, value: unknown) => {
    if (store.has(object)) throw TypeError("Cannot add the same private member more than once");
    if (store instanceof WeakSet) store.add(object);
    else store.set(object, value);
  },
  __privateIn: (store: Store, object: unknown) => {
    if (Object(object) !== object) throw TypeError('Cannot use the "in" operator on this value');
    return store.has(object as object);
  },
  __privateMethod: (object: object, store: Store, method: unknown) => {
    assertHas(object, store, "access");
    return method;
  },
  __privateWrapper: (object: object, store: Store, setter: Setter, getter: Getter) => ({
    set _(value: unknown) {
      esbuildSet(object, store, value, setter);
    },
    get _() {
      return esbuildGet(object, store, getter);
    },
  }),
  __superGet: (Class: { prototype: object }, object: object, key: PropertyKey) =>
    Reflect.get(Object.getPrototypeOf(Class), key, object),
  __superSet: (Class: { prototype: object }, object: object, key: PropertyKey, value: unknown) => {
    Reflect.set(Object.getPrototypeOf(Class), key, value, object);
    return value;
  },
  __classPrivateFieldGet: typeScriptGet,
  __classPrivateFieldSet: typeScriptSet,
  __classPrivateFieldIn: (store: Members, object: unknown) => {
    if (Object(object) !== object) throw new TypeError("Cannot use 'in' operator on non-object");
    return holds(store, object as object);
  },
  __runInitializers: (self: unknown, initializers: ((value?: unknown) => unknown)[], value?: unknown) => {
    let result = value;
    for (const initialize of initializers) result = initialize.call(self, result);
    return result;
  },
};
