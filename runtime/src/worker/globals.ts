import { process } from "./node.js";

interface Remembered {
  readonly key: PropertyKey;
  readonly value: unknown;
}

/** What the global object holds, and what it computes. */
let fields: readonly Remembered[] = [];
let getters: readonly Remembered[] = [];

/** What closures are most likely to add methods to; counting is cheap, and enough to see that they did. */
const prototypes = [Object, Array, Function, String, Number, Promise, Map, Set, RegExp, Date, Error].map(
  (maker): object => maker.prototype,
);
let prototypeKeys = 0;
let environmentChanged = false;

/** Notes every change of the thread's environment variables, which are a copy of its own. */
export function watchEnvironment(): void {
  const note = (): void => {
    environmentChanged = true;
  };
  process.env = new Proxy(process.env, {
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
}

function countPrototypeKeys(): number {
  return prototypes.reduce((count, prototype) => count + Reflect.ownKeys(prototype).length, 0);
}

/** Remembers the globals as they are before the first closure runs. */
export function captureGlobals(): void {
  prototypeKeys = countPrototypeKeys();
  environmentChanged = false;
  const keys = Reflect.ownKeys(globalThis).filter(isUsers);
  const remembered = keys.map((key) => ({ key, property: Reflect.getOwnPropertyDescriptor(globalThis, key) }));
  fields = remembered.flatMap(({ key, property }) =>
    property?.get === undefined ? [{ key, value: property?.value }] : [],
  );
  getters = remembered.flatMap(({ key, property }) =>
    property?.get === undefined ? [] : [{ key, value: property.get }],
  );
}

/**
 * Whether closures left something behind that the next one would see: a changed global, a timer, an open file. It runs
 * after each closure, so it only looks a property's descriptor up where looking at the property would load it.
 */
export function globalsChanged(): boolean {
  if (environmentChanged || isStillBusy() || countPrototypeKeys() !== prototypeKeys) return true;
  const count = fields.length + getters.length;
  const keys = Reflect.ownKeys(globalThis);
  if (keys.length !== count && keys.filter(isUsers).length !== count) return true;
  for (const { key, value } of fields) {
    const is: unknown = Reflect.get(globalThis, key);
    if (is !== value && !Object.is(is, value)) return true;
  }
  return getters.some(isChanged);
}

/** Node's `fetch` keeps what it loads later under symbols of the global object. */
function isUsers(key: PropertyKey): boolean {
  return typeof key !== "symbol" || key.description?.startsWith("undici.") !== true;
}

/** What keeps an idle worker's event loop alive is the port its closures come through. A file may still be closing. */
function isStillBusy(): boolean {
  const resources = process.getActiveResourcesInfo();
  return resources.length > 1 && resources.filter((kind) => kind !== "CloseReq").length > 1;
}

/** Node loads some globals when they are first looked at: the getter becomes the value. */
function isChanged({ key, value: getter }: Remembered): boolean {
  const property = Reflect.getOwnPropertyDescriptor(globalThis, key);
  if (property === undefined) return true;
  if (property.get !== undefined) return property.get !== getter;
  return !isNamed(property.value, String(key));
}

function isNamed(value: unknown, key: string): boolean {
  if (typeof value === "function") return value.name === key;
  if (typeof value !== "object" || value === null) return false;
  return value.constructor?.name.toLowerCase() === key.toLowerCase();
}
