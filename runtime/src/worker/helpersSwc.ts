// What swc and Babel put beside the code they compile, see helpers.ts. Where they do what TypeScript's helpers do, those
// are taken.

type Method = (...parameters: never[]) => unknown;

/** How a private field is kept: a value, or accessors. */
interface Descriptor {
  value?: unknown;
  readonly writable?: boolean;
  readonly get?: () => unknown;
  readonly set?: (value: unknown) => void;
}

type Fields = WeakMap<object, Descriptor>;

function descriptorOf(object: object, fields: Fields, verb: string): Descriptor {
  const found = fields.get(object);
  if (found === undefined) throw new TypeError(`attempted to ${verb} private field on non-instance`);
  return found;
}

function getBy(object: object, descriptor: Descriptor): unknown {
  return descriptor.get ? descriptor.get.call(object) : descriptor.value;
}

function setBy(object: object, descriptor: Descriptor, value: unknown): unknown {
  if (descriptor.set) descriptor.set.call(object, value);
  else if (descriptor.writable !== true) throw new TypeError("attempted to set read only private field");
  else descriptor.value = value;
  return value;
}

/** What stands for a private field in `x.#n++`. */
function reference(object: object, descriptor: Descriptor): { value: unknown } {
  return {
    get value() {
      return getBy(object, descriptor);
    },
    set value(next: unknown) {
      setBy(object, descriptor, next);
    },
  };
}

function assertIsClass(object: object, maker: object): void {
  if (object !== maker) throw new TypeError("Private static access of wrong provenance");
}

function addOnce<S extends { has(object: object): boolean }>(store: S, object: object): S {
  if (store.has(object)) throw new TypeError("Cannot initialize the same private elements twice on an object");
  return store;
}

const privateMembers = {
  _class_private_field_init: (object: object, fields: Fields, descriptor: Descriptor) => {
    addOnce(fields, object).set(object, descriptor);
  },
  _class_private_field_get: (object: object, fields: Fields) => getBy(object, descriptorOf(object, fields, "get")),
  _class_private_field_set: (object: object, fields: Fields, value: unknown) =>
    setBy(object, descriptorOf(object, fields, "set"), value),
  _class_private_field_update: (object: object, fields: Fields) =>
    reference(object, descriptorOf(object, fields, "update")),
  _class_private_field_destructure: (object: object, fields: Fields) =>
    reference(object, descriptorOf(object, fields, "set")),
  _class_private_field_loose_base: (object: object, key: PropertyKey) => {
    if (!Object.hasOwn(object, key)) throw new TypeError("attempted to use private field on non-instance");
    return object;
  },
  _class_private_field_loose_key: (name: string) => `__private_${name}`,
  _class_private_method_init: (object: object, methods: WeakSet<object>) => {
    addOnce(methods, object).add(object);
  },
  _class_private_method_get: (object: object, methods: WeakSet<object>, method: unknown) => {
    if (!methods.has(object)) throw new TypeError("attempted to get private field on non-instance");
    return method;
  },
  _class_private_method_set: (): never => {
    throw new TypeError("attempted to reassign private method");
  },
  _class_static_private_field_spec_get: (object: object, maker: object, descriptor: Descriptor) => {
    assertIsClass(object, maker);
    return getBy(object, descriptor);
  },
  _class_static_private_field_spec_set: (object: object, maker: object, descriptor: Descriptor, value: unknown) => {
    assertIsClass(object, maker);
    return setBy(object, descriptor, value);
  },
  _class_static_private_field_update: (object: object, maker: object, descriptor: Descriptor) => {
    assertIsClass(object, maker);
    return reference(object, descriptor);
  },
  _class_static_private_field_destructure: (object: object, maker: object, descriptor: Descriptor) => {
    assertIsClass(object, maker);
    return reference(object, descriptor);
  },
  _class_static_private_method_get: (object: object, maker: object, method: unknown) => {
    assertIsClass(object, maker);
    return method;
  },
  _check_in: (value: unknown) => {
    if (Object(value) === value) return value;
    throw new TypeError(`right-hand side of 'in' should be an object, got ${value === null ? "null" : typeof value}`);
  },
  _identity: (value: unknown) => value,
};

type Maker = new (...parameters: never[]) => object;

function define(target: object, properties: readonly (PropertyDescriptor & { readonly key: PropertyKey })[]): void {
  for (const { key, ...property } of properties) {
    const writable = "value" in property ? { writable: true } : {};
    Object.defineProperty(target, key, { enumerable: false, ...property, configurable: true, ...writable });
  }
}

function homeOf(object: object, key: PropertyKey): object | null {
  let at: object | null = object;
  while (at !== null && !Object.hasOwn(at, key)) at = Object.getPrototypeOf(at);
  return at;
}

const classes = {
  _class_call_check: (object: unknown, maker: Maker) => {
    if (!(object instanceof maker)) throw new TypeError("Cannot call a class as a function");
  },
  _create_class: (
    maker: Maker,
    members?: Parameters<typeof define>[1],
    statics?: Parameters<typeof define>[1],
  ): Maker => {
    define(maker.prototype, members ?? []);
    define(maker, statics ?? []);
    return maker;
  },
  _call_super: (object: object, maker: Maker, parameters?: ArrayLike<unknown>) =>
    Reflect.construct(Object.getPrototypeOf(maker), parameters ?? [], object.constructor),
  _assert_this_initialized: (self: unknown) => {
    if (self === undefined) throw new ReferenceError("this hasn't been initialised - super() hasn't been called");
    return self;
  },
  _possible_constructor_return: (self: unknown, result: unknown) =>
    result !== null && (typeof result === "object" || typeof result === "function") ? result : self,
  _get_prototype_of: (object: object) => Object.getPrototypeOf(object),
  _set_prototype_of: (object: object, prototype: object | null) => Object.setPrototypeOf(object, prototype),
  _super_prop_base: homeOf,
  _get: (base: object, key: PropertyKey, receiver?: object) => Reflect.get(base, key, receiver ?? base),
  _set: (base: object, key: PropertyKey, value: unknown, receiver?: object) => {
    Reflect.set(base, key, value, receiver ?? base);
    return value;
  },
  _construct: (maker: Maker, parameters: ArrayLike<unknown>, derived?: Maker) =>
    Reflect.construct(maker, parameters, derived ?? maker),
  _instanceof: (value: unknown, maker: Maker) => value instanceof maker,
  _type_of: (value: unknown) => typeof value,
};

function fail(message: string) {
  return (): never => {
    throw new TypeError(message);
  };
}

const values = {
  _to_array: (list: Iterable<unknown>) => [...list],
  _to_consumable_array: (list: Iterable<unknown>) => [...list],
  _array_like_to_array: (list: ArrayLike<unknown>, length?: number | null) =>
    Array.from(list).slice(0, length ?? undefined),
  _object_destructuring_empty: (value: unknown) => {
    if (value === null || value === undefined) throw new TypeError(`Cannot destructure ${value}`);
    return value;
  },
  _throw: (error: unknown): never => {
    throw error;
  },
  _read_only_error: (name: string): never => {
    throw new TypeError(`"${name}" is read-only`);
  },
  _write_only_error: (name: string): never => {
    throw new TypeError(`"${name}" is write-only`);
  },
  _class_name_tdz_error: (name: string): never => {
    throw new ReferenceError(`Class "${name}" cannot be referenced in computed property keys.`);
  },
  _non_iterable_rest: fail("Invalid attempt to destructure non-iterable instance"),
  _non_iterable_spread: fail("Invalid attempt to spread non-iterable instance"),
};

/** What disposes of resources: `e` is the error, `u` and `a` take a resource, `d` disposes. */
type Disposal = {
  add(scope: never, value: unknown, async: boolean): unknown;
  dispose(scope: never): unknown;
};

/** Babel's `using`, on what TypeScript's does. */
function usingContext({ add, dispose }: Disposal): () => object {
  return () => {
    const none = {};
    const scope = { stack: [], error: undefined as unknown, hasError: false };
    return {
      e: none,
      u: (value: unknown) => add(scope as never, value, false),
      a: (value: unknown) => add(scope as never, value, true),
      d(this: { e: unknown }) {
        scope.hasError = this.e !== none;
        scope.error = this.e;
        return dispose(scope as never);
      },
    };
  };
}

/** The helpers by their names, with what is taken from those of TypeScript. */
export function swcHelpers(typeScript: Readonly<Record<string, unknown>>, disposal: Disposal) {
  const awaiter = typeScript.__awaiter as (self: unknown, parameters: unknown, maker: unknown, make: Method) => unknown;
  const generator = typeScript.__asyncGenerator as (self: unknown, parameters: unknown, make: Method) => unknown;
  const like = (name: string): unknown => typeScript[name];
  return {
    ...privateMembers,
    ...classes,
    ...values,
    _async_to_generator: (make: Method) =>
      function (this: unknown, ...parameters: unknown[]) {
        return awaiter(this, parameters, undefined, make);
      },
    _wrap_async_generator: (make: Method) =>
      function (this: unknown, ...parameters: unknown[]) {
        return generator(this, parameters, make);
      },
    _await_async_generator: like("__await"),
    _async_generator_delegate: like("__asyncDelegator"),
    _async_iterator: like("__asyncValues"),
    _define_property: like("__publicField"),
    _object_spread: (target: object, ...sources: (object | null | undefined)[]) => {
      for (const source of sources) (like("__spreadValues") as Method)(target as never, source as never);
      return target;
    },
    _object_spread_props: like("__spreadProps"),
    _object_without_properties: like("__rest"),
    _object_without_properties_loose: like("__rest"),
    _extends: (target: object, ...sources: readonly object[]) => Object.assign(target, ...sources),
    _inherits: like("__extends"),
    _sliced_to_array: like("__read"),
    _tagged_template_literal: like("__template"),
    _interop_require_default: like("__importDefault"),
    _interop_require_wildcard: like("__importStar"),
    _ts_generator: like("__generator"),
    _ts_values: like("__values"),
    _ts_add_disposable_resource: disposal.add,
    _ts_dispose_resources: disposal.dispose,
    _using_ctx: usingContext(disposal),
  };
}
