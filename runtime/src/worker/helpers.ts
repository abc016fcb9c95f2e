// Compilers put small functions beside the code they compile (TypeScript's `__awaiter`, esbuild's `__name`), out of the
// reach of a closure that travels as text. These are functions that do the same, by the names compilers give them. Where
// two compilers use one name, the function understands both.
import { unwinding } from "../sync/unwinding.js";
import { asyncHelpers } from "./helpersAsync.js";
import { classHelpers } from "./helpersClass.js";
import { decoratorHelpers } from "./helpersDecorators.js";
import { swcHelpers } from "./helpersSwc.js";

type Fields = Record<PropertyKey, unknown>;

const { defineProperty } = Object;

function setField<T extends object>(target: T, key: PropertyKey, value: unknown): T {
  return defineProperty(target, key, { enumerable: true, configurable: true, writable: true, value });
}

function ownFields(source: object): PropertyKey[] {
  return Reflect.ownKeys(source).filter((key) => Object.prototype.propertyIsEnumerable.call(source, key));
}

function spreadInto(target: object, source: object | undefined): object {
  for (const key of source ? ownFields(source) : []) setField(target, key, Reflect.get(source as object, key));
  return target;
}

function rest(source: object, without: readonly PropertyKey[]): object {
  const names = new Set(without);
  const target = {};
  for (const key of source == null ? [] : ownFields(source)) {
    if (!names.has(key)) setField(target, key, Reflect.get(source, key));
  }
  return target;
}

interface Resource {
  readonly value: unknown;
  readonly dispose: (() => unknown) | undefined;
  readonly async: boolean;
}

function disposerOf(value: object, async: boolean): () => unknown {
  const asyncMethod: unknown = async ? Reflect.get(value, Symbol.asyncDispose) : undefined;
  const method: unknown = asyncMethod ?? Reflect.get(value, Symbol.dispose);
  if (typeof method !== "function") throw new TypeError("Object not disposable");
  return () => Reflect.apply(method, value, []);
}

function toResource(value: unknown, async: boolean): Resource | undefined {
  if (value === null || value === undefined) return async ? { value, dispose: undefined, async } : undefined;
  if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected");
  return { value, dispose: disposerOf(value, async), async };
}

function suppressed(error: unknown, before: unknown): Error {
  const both = new Error("An error was suppressed during disposal");
  return Object.assign(both, { name: "SuppressedError", error, suppressed: before });
}

/** Disposes in reverse order; an error that is on its way out, or comes up, is thrown at the end. */
function disposeAll(resources: Resource[], failed: boolean, failure: unknown): unknown {
  let hasError = failed;
  let error = failure;
  const fail = (next: unknown): void => {
    error = hasError ? suppressed(next, error) : next;
    hasError = true;
  };
  const next = (): unknown => {
    for (let resource = resources.pop(); resource !== undefined; resource = resources.pop()) {
      const dispose = resource.dispose;
      try {
        const result = dispose === undefined ? undefined : hasError ? unwinding(dispose) : dispose();
        if (resource.async) {
          return Promise.resolve(result).then(next, (reason) => {
            fail(reason);
            return next();
          });
        }
      } catch (reason) {
        fail(reason);
      }
    }
    if (hasError) throw error;
    return undefined;
  };
  return next();
}

/** esbuild keeps its resources as arrays, so a stack is whatever array it hands over. */
const esbuildDisposal = {
  __using: (stack: (Resource | undefined)[], value: unknown, async?: boolean): unknown => {
    const resource = toResource(value, async === true);
    if (resource !== undefined) stack.push(resource);
    return value;
  },
  __callDispose: (stack: Resource[], error: unknown, hasError: boolean): unknown => disposeAll(stack, hasError, error),
};

interface TypeScriptScope {
  readonly stack: Resource[];
  readonly error: unknown;
  readonly hasError: boolean;
}

const typeScriptDisposal = {
  __addDisposableResource: (scope: TypeScriptScope, value: unknown, async: boolean): unknown => {
    const resource = toResource(value, async);
    if (resource !== undefined) scope.stack.push(resource);
    return value;
  },
  __disposeResources: (scope: TypeScriptScope): unknown => disposeAll(scope.stack, scope.hasError, scope.error),
};

function template(cooked: unknown[], raw?: unknown[]): unknown {
  return Object.freeze(defineProperty(cooked, "raw", { value: Object.freeze(raw ?? cooked.slice()) }));
}

const values: Fields = {
  __name: (target: object, value: string) => defineProperty(target, "name", { value, configurable: true }),
  __setFunctionName: (target: object, name: unknown, prefix?: string) => {
    const text = typeof name === "symbol" ? (name.description ? `[${name.description}]` : "") : String(name);
    return defineProperty(target, "name", { configurable: true, value: prefix ? `${prefix} ${text}` : text });
  },
  __defProp: defineProperty,
  __defProps: Object.defineProperties,
  __getOwnPropDescs: Object.getOwnPropertyDescriptors,
  __getOwnPropSymbols: Object.getOwnPropertySymbols,
  __getOwnPropNames: Object.getOwnPropertyNames,
  __getOwnPropDesc: Object.getOwnPropertyDescriptor,
  __getProtoOf: Object.getPrototypeOf,
  __reflectGet: Reflect.get,
  __reflectSet: Reflect.set,
  __hasOwnProp: Object.prototype.hasOwnProperty,
  __propIsEnum: Object.prototype.propertyIsEnumerable,
  __defNormalProp: setField,
  __pow: (base: number, exponent: number) => base ** exponent,
  __typeError: (message: string): never => {
    throw TypeError(message);
  },
  __assign: Object.assign,
  __spreadValues: spreadInto,
  __spreadProps: (target: object, source: object) =>
    Object.defineProperties(target, Object.getOwnPropertyDescriptors(source)),
  __rest: rest,
  __objRest: rest,
  __restKey: (key: unknown) => (typeof key === "symbol" ? key : `${key}`),
  __propKey: (key: unknown) => (typeof key === "symbol" ? key : `${key}`),
  __spreadArray: (to: unknown[], from: ArrayLike<unknown>) => to.concat(Array.prototype.slice.call(from)),
  __spreadArrays: (...lists: unknown[][]) => lists.flat(1),
  __spread: (...lists: Iterable<unknown>[]) => lists.flatMap((list) => [...list]),
  __read: (list: Iterable<unknown>, count?: number) => takeFrom(list, count),
  __values: (list: ArrayLike<unknown> & Partial<Iterable<unknown>>) =>
    list[Symbol.iterator]?.() ?? Array.prototype.values.call(list),
  __makeTemplateObject: template,
  __template: template,
  __knownSymbol: (name: string) => Reflect.get(Symbol, name) ?? Symbol.for(`Symbol.${name}`),
  __earlyAccess: (name: string): never => {
    throw ReferenceError(`Cannot access "${name}" before initialization`);
  },
  __toESM: (module: object) => ("__esModule" in module ? module : { ...module, default: module }),
  __importDefault: (module: unknown) => (isCompiledModule(module) ? module : { default: module }),
  __importStar: (module: object) => (isCompiledModule(module) ? module : { ...module, default: module }),
};

function isCompiledModule(module: unknown): boolean {
  return typeof module === "object" && module !== null && Reflect.get(module, "__esModule") === true;
}

function takeFrom(list: Iterable<unknown>, count: number | undefined): unknown[] {
  const taken: unknown[] = [];
  if (count === 0) return taken;
  for (const item of list) {
    taken.push(item);
    if (taken.length === count) break;
  }
  return taken;
}

const typeScriptAndEsbuild: Readonly<Fields> = {
  ...values,
  ...asyncHelpers,
  ...classHelpers,
  ...decoratorHelpers,
  ...esbuildDisposal,
  ...typeScriptDisposal,
};

const byName: Readonly<Fields> = {
  ...typeScriptAndEsbuild,
  ...swcHelpers(typeScriptAndEsbuild, {
    add: typeScriptDisposal.__addDisposableResource,
    dispose: typeScriptDisposal.__disposeResources,
  }),
};

/** Helpers as a closure finds them. What swc imports for CommonJS is an object with the function in `_`. */
function helperCalled(name: string): unknown {
  if (/^tslib(_\d+)?$/.test(name)) return byName;
  const helper = byName[name] ?? byName[name.replace(/\$?\d+$/, "")];
  if (typeof helper === "function" && /^_[a-z]/.test(name) && !("_" in helper)) Reflect.set(helper, "_", helper);
  return helper;
}

/**
 * The helpers a text mentions. A bundler may have put a number after a name to make it unique, and a minifier may have
 * given it a new one: `renamed` says which. TypeScript's ES5 keeps the strings of a tagged template in a variable of the
 * file, which starts as undefined.
 */
export function helpersIn(source: string, renamed?: ReadonlyMap<string, string>): ReadonlyMap<string, unknown> {
  const found = new Map<string, unknown>();
  const mentioned = /(?<![\w$.])(?:__?[A-Za-z][\w$]*|tslib_\d+|tslib|templateObject_\d+)/g;
  for (const name of source.match(mentioned) ?? []) {
    if (name.startsWith("templateObject_")) found.set(name, undefined);
    const helper = helperCalled(name);
    if (helper !== undefined) found.set(name, helper);
  }
  for (const [alias, name] of renamed ?? []) found.set(alias, byName[name]);
  return found;
}
