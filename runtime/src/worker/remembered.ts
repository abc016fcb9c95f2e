// What objects held that closures share. Whatever a closure has replaced, this has to work: nothing is called here that
// could have been replaced by then, such as a method of a prototype or what iterates over an array.
const { defineProperty, deleteProperty, getOwnPropertyDescriptor, isExtensible, ownKeys } = Reflect;
const { is } = Object;

/** Properties of an object, as they were. */
export interface Remembered {
  readonly object: Readonly<Record<PropertyKey, unknown>>;
  /** Absent where other properties may come and go. */
  readonly count: number | undefined;
  /** Those that hold a value. */
  readonly fields: Properties;
  /** Those that have a getter, or are not there. */
  readonly others: Properties;
}

interface Properties {
  readonly keys: PropertyKey[];
  /** What they held: a value or a getter. */
  readonly held: unknown[];
  readonly properties: (PropertyDescriptor | undefined)[];
}

/** Remembers all properties of an object. */
export function remember(object: object): Remembered {
  const keys = ownKeys(object);
  const remembered = rememberNothing(object, keys.length);
  for (const key of keys) rememberOne(remembered, key);
  return remembered;
}

/** Remembers properties as they are named. `count` is how many there are, if none may come or go. */
export function rememberNothing(object: object, count?: number): Remembered {
  const none = (): Properties => ({ keys: [], held: [], properties: [] });
  return { object: object as Remembered["object"], count, fields: none(), others: none() };
}

/** Remembers one more property, which may be none. */
export function rememberOne({ object, fields, others }: Remembered, key: PropertyKey): void {
  const property = getOwnPropertyDescriptor(object, key);
  const { keys, held, properties } = property !== undefined && property.get === undefined ? fields : others;
  keys.push(key);
  held.push(property?.get ?? property?.value);
  properties.push(property);
}

/** Puts back what was changed, as far as that can be. @returns whether something was. */
export function putBack({ object, count, fields, others }: Remembered): boolean {
  let changed = false;
  for (let at = firstChanged(object, fields, 0); at >= 0; at = firstChanged(object, fields, at + 1))
    changed = putBackOne(object, fields, at);
  for (let i = 0; i < others.keys.length; i++) if (!isOther(object, others, i)) changed = putBackOne(object, others, i);
  if (count === undefined) return changed;
  const now = ownKeys(object);
  if (now.length === count) return changed || !isExtensible(object);
  for (let i = 0; i < now.length; i++) {
    const key = now[i] ?? "";
    if (!isAmong(fields.keys, key) && !isAmong(others.keys, key)) deleteProperty(object, key);
  }
  return true;
}

/** The first that is not as it was, from `at` on; -1 where all are. */
function firstChanged(object: Remembered["object"], { keys, held }: Properties, at: number): number {
  let i = at;
  try {
    for (; i < keys.length; i++) {
      const now = object[keys[i] ?? ""];
      if (now !== held[i] && !is(now, held[i])) return i;
    }
    return -1;
  } catch {
    return i; // A getter stands there now.
  }
}

function isOther(object: object, { keys, held }: Properties, at: number): boolean {
  const property = getOwnPropertyDescriptor(object, keys[at] ?? "");
  return is(property?.get ?? property?.value, held[at]);
}

function putBackOne(object: object, { keys, properties }: Properties, at: number): true {
  const key = keys[at] ?? "";
  const property = properties[at];
  if (property === undefined) deleteProperty(object, key);
  else defineProperty(object, key, property);
  return true;
}

function isAmong(keys: readonly PropertyKey[], key: PropertyKey): boolean {
  for (let i = 0; i < keys.length; i++) if (keys[i] === key) return true;
  return false;
}
