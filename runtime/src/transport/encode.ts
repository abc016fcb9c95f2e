import { NotSendError } from "../errors.js";
import { importModule } from "../worker/entry.js";
import type { Lease } from "../worker/holdings.js";
import { type ClassPlace, classAt, isClassHere, noteClass, registrationOf } from "./classes.js";
import { type ErrorImage, imageOfError, restoreFields, reviveError } from "./errorImage.js";
import { foreignKindOf, type Handle, isHandle, life, moveOut, reviveHandle } from "./handle.js";
import { isPlainData, memoryOf } from "./plain.js";
import { isBuffer } from "./platform.js";
import { surveyOf } from "./survey.js";

/** A value on its way to another thread: what `postMessage` can carry. */
export interface Parcel {
  readonly value: unknown;
  /** Objects in `value` that stand for something structured clone cannot carry. Absent where there are none. */
  readonly stands?: readonly Stand[];
}

type Stand =
  | { readonly as: "handle"; readonly at: object; readonly kind: string; readonly data: unknown }
  | { readonly as: "instance"; readonly at: object; readonly module: string; readonly name: string }
  | { readonly as: "error"; readonly at: ErrorImage }
  | { readonly as: "buffer"; readonly at: Uint8Array };

/** A parcel and what has to be transferred with it. */
export interface Packed {
  readonly parcel: Parcel;
  readonly transfer: readonly object[];
  /** Called with the thread's id if the thread is killed before it can let go of the handles it was given. */
  readonly abandon: readonly ((thread: number) => void)[];
  /** The handles in it that count while they are on their way. */
  readonly lent: readonly Lent[];
}

const none: readonly never[] = [];

/** A handle that counts while it is on its way. */
export interface Lent {
  readonly leases: readonly Lease[];
  /** Lets go of it where nobody comes to take it. */
  readonly abandon: (thread: number) => void;
}
/**
 * Packs a value for another thread: checks every part, collects what is transferred, gives handles away.
 * Where it throws, nothing was given away.
 *
 * @param name what error messages call the value.
 * @param to gives what completes the sentence "this Mutex was moved …" for later uses of a handle.
 * @throws NotSendError naming the part that cannot be sent; UseAfterMoveError for a handle that is not ours any more.
 */
export function pack(value: unknown, name: string, to: () => string): Packed {
  const packed = packMemory(value);
  if (packed !== undefined) return packed;
  return isPlainData(value) ? packPlain(value, none) : packSurveyed(value, name, to);
}

/** As `pack`, of what is certainly nothing but primitives and views of memory; nothing of anything else. */
export function packMemory(value: unknown): Packed | undefined {
  const transfer = memoryOf(value);
  return transfer === undefined ? undefined : packPlain(value, transfer);
}

function packPlain(value: unknown, transfer: readonly object[]): Packed {
  return { parcel: { value }, transfer, abandon: none, lent: none };
}

/** As `pack`, for a value that has to be looked at as a whole. */
function packSurveyed(value: unknown, name: string, to: () => string): Packed {
  const survey = surveyOf(value, name);
  if (!survey.special) return { parcel: { value }, transfer: [...survey.transfer], abandon: [], lent: [] };

  const stands: Stand[] = [];
  const places = new Map<Handle, object>();
  const copy = tryReplace(value, { places, stands, done: new Map(), transfer: survey.transfer }, name);
  const abandon: ((thread: number) => void)[] = [];
  const lent: Lent[] = [];
  for (const [handle, at] of places) {
    const image = handle[moveOut]();
    handle[life].finish(`was moved ${to()} and cannot be used here any more; to keep one, clone() it before the move`);
    stands.push({ as: "handle", at, kind: image.kind, data: image.data });
    for (const part of image.transfer) survey.transfer.add(part);
    if (image.abandon === undefined) continue;
    abandon.push(image.abandon);
    if (image.leases !== undefined) lent.push({ leases: image.leases, abandon: image.abandon });
  }
  return { parcel: { value: copy, stands }, transfer: [...survey.transfer], abandon, lent };
}

/** Packs a value that is only looked at: nothing is transferred, and a handle in it is refused. @throws NotSendError */
export function copyOnly(value: unknown): Parcel {
  if (isPlainData(value)) return { value };
  const survey = surveyOf(value, "value");
  if (survey.handles.size > 0) throw new NotSendError("value", "a handle of this library", "move it on its own");
  if (!survey.special) return { value };
  const stands: Stand[] = [];
  return { value: replace(value, { places: new Map(), stands, done: new Map(), transfer: new Set() }), stands };
}

/** Unpacks what `pack` packed. Instances need their class, whose module is imported if it is not known here yet. */
export async function unpack(parcel: Parcel): Promise<unknown> {
  for (const { module, name } of missingClasses(parcel)) {
    const exported = await importModule(module);
    const found = exported[name];
    if (typeof found !== "function") {
      throw new TypeError(`${module} does not export the class ${name} that an instance was sent of`);
    }
    noteClass({ module, name }, found);
  }
  return unpackNow(parcel);
}

/** Unpacks without waiting. @throws TypeError for an instance of a class that this thread has not imported. */
export function unpackNow(parcel: Parcel): unknown {
  return parcel.stands === undefined ? parcel.value : unpackStands(parcel.value, parcel.stands);
}

function unpackStands(value: unknown, stands: readonly Stand[]): unknown {
  const real = new Map<object, object>();
  for (const stand of stands) real.set(stand.at, revive(stand));
  const seen = new Set<object>();
  for (const { as, at } of stands) {
    const error = real.get(at);
    if (as !== "error" || !(error instanceof Error)) continue;
    restore(at.fields, real, seen);
    restore(at.hidden, real, seen);
    restoreFields(error, at);
  }
  return restore(value, real, seen);
}

/** Whether unpacking has to import a module first. */
export function needsImport(parcel: Parcel): boolean {
  return missingClasses(parcel).length > 0;
}

const noClasses: readonly ClassPlace[] = [];

/** The classes of what is in a parcel that this thread has not imported. */
function missingClasses(parcel: Parcel): readonly ClassPlace[] {
  if (parcel.stands === undefined) return noClasses;
  return parcel.stands.flatMap(classPlaceOf).filter((place) => !isClassHere(place));
}

function classPlaceOf(stand: Stand): readonly ClassPlace[] {
  if (stand.as === "instance") return [{ module: stand.module, name: stand.name }];
  if (stand.as !== "error" || stand.at.module === undefined) return noClasses;
  return [{ module: stand.at.module, name: stand.at.of }];
}

interface Replacing {
  /** The handles, and what stands for each. */
  readonly places: Map<Handle, object>;
  readonly stands: Stand[];
  readonly done: Map<object, object>;
  readonly transfer: Set<object>;
}

/** As {@link replace}; it goes as deep as the value does. @throws NotSendError */
function tryReplace(value: unknown, context: Replacing, name: string): unknown {
  try {
    return replace(value, context);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new NotSendError(name, "a value in it", `it is nested too deep: ${error}`);
  }
}

/** A copy of the value's containers with stands in place of what structured clone cannot carry. */
function replace(value: unknown, context: Replacing): unknown {
  if (typeof value !== "object" || value === null) return value;
  const known = context.done.get(value);
  if (known !== undefined) return known;
  const remember = <T extends object>(copy: T): T => {
    context.done.set(value, copy);
    return copy;
  };
  if (isHandle(value)) {
    const at = remember({});
    context.places.set(value, at);
    return at;
  }
  if (ArrayBuffer.isView(value) && isBuffer(value)) {
    const at = remember(new Uint8Array(value));
    context.transfer.add(at.buffer);
    context.stands.push({ as: "buffer", at });
    return at;
  }
  if (Array.isArray(value)) {
    const copy: unknown[] = remember(new Array(value.length));
    // Holes stay holes.
    value.forEach((item, i) => {
      copy[i] = replace(item, context);
    });
    return copy;
  }
  if (value instanceof Map) {
    const copy: Map<unknown, unknown> = remember(new Map());
    for (const [key, item] of value) copy.set(replace(key, context), replace(item, context));
    return copy;
  }
  if (value instanceof Set) {
    const copy: Set<unknown> = remember(new Set());
    for (const item of value) copy.add(replace(item, context));
    return copy;
  }
  const registration = registrationOf(value);
  if (value instanceof Error) {
    const whole = imageOfError(value, registration);
    const at = remember({ ...whole, fields: {}, hidden: {} });
    for (const [key, field] of Object.entries(whole.fields)) define(at.fields, key, replace(field, context));
    for (const [key, field] of Object.entries(whole.hidden)) define(at.hidden, key, replace(field, context));
    context.stands.push({ as: "error", at });
    return at;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (registration === undefined && prototype !== Object.prototype && prototype !== null) {
    const foreign = foreignKindOf(value)?.imageOf(value);
    if (foreign === undefined) return value;
    const at = remember({});
    context.stands.push({ as: "handle", at, kind: foreign.kind, data: foreign.data });
    return at;
  }
  const copy: Record<string, unknown> = remember({});
  for (const [key, field] of Object.entries(value)) define(copy, key, replace(field, context));
  if (registration !== undefined) {
    const { module, export: name } = registration;
    context.stands.push({ as: "instance", at: copy, module, name });
  }
  return copy;
}

/** As an assignment, but a field called `__proto__` is a field. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, writable: true, enumerable: true, configurable: true });
}

function revive(stand: Stand): object {
  switch (stand.as) {
    case "handle":
      return reviveHandle(stand.kind, stand.data);
    case "buffer":
      return Buffer.from(stand.at.buffer, stand.at.byteOffset, stand.at.byteLength);
    case "error": {
      const { module, of } = stand.at;
      return reviveError(stand.at, module === undefined ? undefined : classAt(module, of));
    }
    case "instance":
      Object.setPrototypeOf(stand.at, Reflect.get(classAt(stand.module, stand.name), "prototype"));
      return stand.at;
  }
}

/** Puts what the stands stand for in their places. */
function restore(value: unknown, real: ReadonlyMap<object, object>, seen: Set<object>): unknown {
  if (typeof value !== "object" || value === null) return value;
  const found = real.get(value) ?? value;
  if (seen.has(value) || found !== value) return found;
  seen.add(value);
  if (Array.isArray(value)) {
    value.forEach((item, i) => {
      value[i] = restore(item, real, seen);
    });
  } else if (value instanceof Map) {
    const entries = [...value];
    value.clear();
    for (const [key, item] of entries) value.set(restore(key, real, seen), restore(item, real, seen));
  } else if (value instanceof Set) {
    const items = [...value];
    value.clear();
    for (const item of items) value.add(restore(item, real, seen));
  } else if (!ArrayBuffer.isView(value)) {
    for (const [key, field] of Object.entries(value)) {
      const restored = restore(field, real, seen);
      if (restored !== field) define(value, key, restored);
    }
  }
  return found;
}
