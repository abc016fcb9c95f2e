import { memoryOf } from "../transport/plain.js";
import { process } from "./node.js";
import type { Reach } from "./reach.js";
import { readyForCallSites } from "./stack.js";

/** An object that closures share, and what its fields held. */
interface Remembered {
  readonly object: object;
  /** How many keys it has. */
  readonly count: number;
  readonly keys: readonly PropertyKey[];
  readonly values: readonly unknown[];
}

/** Globals that are there when a worker starts. Others are loaded when they are looked at, which can take 30 ms. */
const eager =
  "Object Function Array Number Boolean String Symbol BigInt Promise Map Set WeakMap WeakSet WeakRef RegExp Date Error " +
  "AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError Math JSON Reflect Proxy Atomics Intl " +
  "ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array " +
  "Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array FinalizationRegistry WebAssembly console eval " +
  "parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape global " +
  "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask structuredClone fetch " +
  "URL URLSearchParams Event EventTarget process Buffer performance";

let remembered: Remembered[] | undefined;
/** Globals that a closure names, in the order of `namedValues`. */
let named = new Map<string, unknown>();
let globalKeys = 0;
let listeners = 0;
let patched = false;
let environmentChanged = false;
let watched: NodeJS.ProcessEnv | undefined;

/** Remembers what closures share as it is before the first closure runs that could change it, which names these. */
export function rememberGlobals(names: readonly string[]): void {
  if (remembered === undefined) {
    watchEnvironment();
    readyForCallSites();
    environmentChanged = false;
    remembered = sharedObjects().map(remember);
    globalKeys = countGlobalKeys();
    listeners = countListeners();
    patched = arePatched();
    for (const name of eager.split(" ")) named.set(name, held(name));
  }
  for (const name of names) {
    if (named.has(name)) continue;
    Reflect.get(globalThis, name); // It may be loaded now, which changes how it is held; the closure is about to do that.
    named.set(name, held(name));
  }
}

/** Something of our own has changed them: what is remembered is out of date. */
export function forgetGlobals(): void {
  remembered = undefined;
  named = new Map();
}

/**
 * Whether a closure left something behind that the next one would see: a changed global, a timer, an open file. What
 * modules hold that it imported stays, as they are imported once in a worker. `given` is what came with the closure.
 */
export function leftBehind(reach: Reach, given: unknown): boolean {
  if (reach.hidden || (mayLeaveBusy(reach, given) && isStillBusy()) || hasEnumerable({}) || hasEnumerable([]))
    return true;
  return remembered !== undefined && reach.global && hasChanged(remembered);
}

/** Whether a closure can have started something: not one that names no global and was given nothing but data. */
function mayLeaveBusy({ global, names }: Reach, given: unknown): boolean {
  return global || names.length > 0 || memoryOf(given) === undefined;
}

function hasChanged(shared: readonly Remembered[]): boolean {
  if (environmentChanged || process.env !== watched) return true;
  if (countGlobalKeys() !== globalKeys || countListeners() !== listeners) return true;
  if (arePatched() !== patched) return true;
  for (const [name, value] of named) if (!Object.is(held(name), value)) return true;
  return shared.some(isDifferent);
}

function isDifferent({ object, count, keys, values }: Remembered): boolean {
  if (Reflect.ownKeys(object).length !== count) return true;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i];
    if (key !== undefined && !Object.is(Reflect.get(object, key), values[i])) return true;
  }
  return false;
}

/** Data put where it should not be ends up here, whatever the text of the closure looks like. */
function hasEnumerable(empty: object): boolean {
  for (const _key in empty) return true;
  return false;
}

/** The getter where there is one: calling it may load something. */
function held(name: string): unknown {
  const property = Reflect.getOwnPropertyDescriptor(globalThis, name);
  return property?.get ?? property?.value;
}

/** Built-in objects and their prototypes. */
function sharedObjects(): readonly object[] {
  const objects = new Set<object>();
  const add = (value: unknown): void => {
    if ((typeof value === "object" && value !== null) || typeof value === "function") objects.add(value);
  };
  for (const name of eager.split(" ")) {
    const value: unknown = held(name);
    if (name === "global" || name === "process") continue;
    add(value);
    if (typeof value === "function") add(value.prototype);
  }
  const typedArray: unknown = Object.getPrototypeOf(Int8Array);
  add(typedArray);
  if (typeof typedArray === "function") add(typedArray.prototype);
  for (const iterator of [[].values(), new Map().values(), new Set().values(), "".matchAll(/x/g)]) {
    add(Object.getPrototypeOf(iterator));
  }
  const generator = (async function* () {})();
  add(Object.getPrototypeOf(Object.getPrototypeOf(generator)));
  return [...objects];
}

function remember(object: object): Remembered {
  const all = Reflect.ownKeys(object);
  const data = all.filter((key) => Reflect.getOwnPropertyDescriptor(object, key)?.get === undefined);
  return {
    object,
    count: all.length,
    keys: data,
    values: data.map((key): unknown => Reflect.get(object, key)),
  };
}

/** Node's `fetch` keeps what it loads later under symbols of the global object. */
function countGlobalKeys(): number {
  let count = 0;
  for (const key of Reflect.ownKeys(globalThis)) {
    if (typeof key !== "symbol" || key.description?.startsWith("undici.") !== true) count++;
  }
  return count;
}

/** Whether somebody listens to what is printed. */
function arePatched(): boolean {
  return Object.hasOwn(process.stdout, "write") || Object.hasOwn(process.stderr, "write");
}

function countListeners(): number {
  return process.eventNames().reduce((count, name) => count + process.listenerCount(name), 0);
}

/** What keeps an idle worker's event loop alive is the port its closures come through. A file may still be closing. */
export function isStillBusy(): boolean {
  const resources = process.getActiveResourcesInfo();
  return resources.length > 1 && resources.filter((kind) => kind !== "CloseReq").length > 1;
}

/** Notes every change of the thread's environment variables, which are a copy of its own. */
function watchEnvironment(): void {
  if (watched !== undefined) return;
  const note = (): void => {
    environmentChanged = true;
  };
  watched = new Proxy(process.env, {
    set: (target, key, value) => {
      note();
      return Reflect.set(target, key, value);
    },
    deleteProperty: (target, key) => {
      note();
      return Reflect.deleteProperty(target, key);
    },
    defineProperty: (target, key, descriptor) => {
      note();
      return Reflect.defineProperty(target, key, descriptor);
    },
  });
  process.env = watched;
}
