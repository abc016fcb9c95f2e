import { memoryOf } from "../transport/plain.js";
import { boot } from "./boot.js";
import { performance, process } from "./node.js";
import type { Reach } from "./reach.js";
import { putBack, type Remembered, remember, rememberNothing, rememberOne } from "./remembered.js";
import { readyForCallSites } from "./stack.js";

/** Globals that are there when a worker starts. Others are loaded when they are looked at, which can take 30 ms. */
const eager =
  "Object Function Array Number Boolean String Symbol BigInt Promise Map Set WeakMap WeakSet WeakRef RegExp Date Error " +
  "AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError Math JSON Reflect Proxy Atomics Intl " +
  "ArrayBuffer SharedArrayBuffer DataView Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array " +
  "Uint32Array Float32Array Float64Array BigInt64Array BigUint64Array FinalizationRegistry WebAssembly console eval " +
  "parseInt parseFloat isNaN isFinite encodeURIComponent decodeURIComponent encodeURI decodeURI escape unescape global " +
  "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate queueMicrotask structuredClone fetch " +
  "URL URLSearchParams Event EventTarget process Buffer performance";

/** What closures share: built-in objects, and the globals that a closure names. */
interface Shared {
  readonly objects: readonly Remembered[];
  readonly globals: Remembered;
  /** Those whose setters keep what they are set to where it cannot be seen. */
  readonly settable: readonly (readonly [name: string, value: unknown])[];
  readonly globalKeys: number;
  readonly processKeys: number;
  readonly listeners: number;
  readonly patched: boolean;
}

let shared: Shared | undefined;
/** The globals that are remembered. */
let known = new Set<string>();
/** What a closure left other than it was has been put back. The next one is not to notice, and so not to run here. */
let wasChanged = false;
let environmentChanged = false;
let watched: NodeJS.ProcessEnv | undefined;

/** Remembers what closures share as it is before the first closure runs that could change it, which names these. */
export function rememberGlobals(names: readonly string[]): void {
  shared ??= rememberShared();
  const { globals } = shared;
  for (const name of names) {
    if (known.has(name)) continue;
    known.add(name);
    Reflect.get(globalThis, name); // It may be loaded now, which changes how it is held; the closure is about to do that.
    rememberOne(globals, name);
  }
}

function rememberShared(): Shared {
  watchEnvironment();
  readyForCallSites();
  environmentChanged = false;
  known = new Set(eager.split(" "));
  const globals = rememberNothing(globalThis);
  for (const name of known) rememberOne(globals, name);
  return {
    objects: [...sharedObjects().map(remember), rememberProcess()],
    globals,
    settable: ["process", "Buffer"].map((name) => [name, Reflect.get(globalThis, name)] as const),
    globalKeys: countGlobalKeys(),
    processKeys: Reflect.ownKeys(process).length,
    listeners: countListeners(),
    patched: arePatched(),
  };
}

/** Something of our own has changed them: what is remembered is out of date. */
export function forgetGlobals(): void {
  shared = undefined;
}

/** Puts back what the closure changed of what closures share, as far as what ends its thread needs it. */
export function putBackGlobals(): void {
  if (shared === undefined) return;
  const { objects, globals, settable, patched } = shared;
  if (putBack(globals)) wasChanged = true;
  for (let i = 0; i < objects.length; i++) {
    const object = objects[i];
    if (object !== undefined && putBack(object)) wasChanged = true;
  }
  for (let i = 0; i < settable.length; i++) {
    const [name, value] = [settable[i]?.[0] ?? "", settable[i]?.[1]];
    if (Reflect.get(globalThis, name) === value) continue;
    wasChanged = true;
    Reflect.set(globalThis, name, value);
  }
  if (patched || !arePatched()) return;
  wasChanged = true;
  Reflect.deleteProperty(process.stdout, "write");
  Reflect.deleteProperty(process.stderr, "write");
}

/**
 * Whether a closure left something behind that the next one would see: a changed global, a timer, an open file. What
 * modules hold that it imported stays, as they are imported once in a worker. `given` is what came with the closure.
 */
export function leftBehind(reach: Reach, given: unknown): boolean {
  if (wasChanged || reach.hidden || areAllChanged()) return true;
  if (mayLeaveBusy(reach, given) && isStillBusy()) return true;
  return shared !== undefined && reach.global && hasChanged(shared);
}

/** Whether a closure can have started something: not one that names no global and was given nothing but data. */
function mayLeaveBusy({ global, names }: Reach, given: unknown): boolean {
  return global || names.length > 0 || memoryOf(given) === undefined;
}

function hasChanged({ globalKeys, processKeys, listeners }: Shared): boolean {
  if (environmentChanged || countGlobalKeys() !== globalKeys || !Reflect.isExtensible(globalThis)) return true;
  if (Reflect.ownKeys(process).length !== processKeys || countListeners() !== listeners) return true;
  return process.exitCode !== undefined || process.hasUncaughtExceptionCaptureCallback();
}

/** Whether all objects have something new. Data put where it should not be ends up here, whatever a closure's text looks like. */
export function areAllChanged(): boolean {
  return hasEnumerable({}) || hasEnumerable([]);
}

function hasEnumerable(empty: object): boolean {
  for (const _key in empty) return true;
  return false;
}

/** What it holds under a name; nothing where that has a getter, which may load something. */
function held(name: string): unknown {
  return Reflect.getOwnPropertyDescriptor(globalThis, name)?.value;
}

/** Built-in objects and their prototypes, and those of what the library itself uses. */
function sharedObjects(): readonly object[] {
  const objects = new Set<object>();
  const add = (value: unknown): void => {
    if ((typeof value !== "object" || value === null) && typeof value !== "function") return;
    objects.add(value);
    add(Object.getPrototypeOf(value));
  };
  for (const name of eager.split(" ")) {
    // Node holds it under a getter.
    const value: unknown = name === "Buffer" ? Reflect.get(globalThis, name) : held(name);
    if (name === "global" || name === "process") continue;
    add(value);
    if (typeof value === "function") add(value.prototype);
  }
  add(Int8Array.prototype);
  for (const some of [
    [].values(),
    new Map().values(),
    new Set().values(),
    "".matchAll(/x/g),
    (async function* () {})(),
  ])
    add(Object.getPrototypeOf(some));
  add(performance);
  for (const used of [process, process.stdout, boot?.port]) {
    if (used !== undefined) add(Object.getPrototypeOf(used));
  }
  return [...objects];
}

/** What is private to Node changes by itself, as does what a getter loads. */
function rememberProcess(): Remembered {
  const remembered = rememberNothing(process);
  for (const key of Reflect.ownKeys(process)) {
    if (typeof key !== "string" || key.startsWith("_")) continue;
    const isLoaded = Reflect.getOwnPropertyDescriptor(process, key)?.get === undefined;
    if (isLoaded || key === "stdout" || key === "stderr") rememberOne(remembered, key);
  }
  return remembered;
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
