import { process } from "./node.js";

let before: ReadonlyMap<PropertyKey, unknown> = new Map();

/** Remembers the globals as they are before the first closure runs. */
export function captureGlobals(): void {
  before = snapshot();
}

/** Whether closures left something behind that the next one would see: a changed global, a timer, an open file. */
export function globalsChanged(): boolean {
  if (isStillBusy()) return true;
  const after = Reflect.ownKeys(globalThis);
  return after.length !== before.size || after.some((key) => !before.has(key) || isChanged(key));
}

/** What keeps an idle worker's event loop alive is the port its closures come through. A file may still be closing. */
function isStillBusy(): boolean {
  const resources = process.getActiveResourcesInfo().filter((kind) => kind !== "CloseReq");
  return resources.length > 1;
}

/** Node loads some globals when they are first looked at: a getter becomes the value. */
function isChanged(key: PropertyKey): boolean {
  const was = before.get(key);
  const is = lookUp(key);
  if (Object.is(was, is)) return false;
  const loaded = typeof was === "function" && /^(get )?\w*$/.test(was.name) && getters.has(key);
  return !(loaded && isNamed(is, String(key)));
}

function isNamed(value: unknown, key: string): boolean {
  if (typeof value === "function") return value.name === key;
  if (typeof value !== "object" || value === null) return false;
  return value.constructor?.name.toLowerCase() === key.toLowerCase();
}

const getters = new Set<PropertyKey>();

function snapshot(): ReadonlyMap<PropertyKey, unknown> {
  for (const key of Reflect.ownKeys(globalThis)) {
    if (Reflect.getOwnPropertyDescriptor(globalThis, key)?.get !== undefined) getters.add(key);
  }
  return new Map(Reflect.ownKeys(globalThis).map((key) => [key, lookUp(key)]));
}

/** A lazy global counts as its getter, so that looking does not load it. */
function lookUp(key: PropertyKey): unknown {
  const property = Reflect.getOwnPropertyDescriptor(globalThis, key);
  return property?.get ?? property?.value;
}
