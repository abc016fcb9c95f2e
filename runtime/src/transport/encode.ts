import { NotSendError } from "../errors.js";
import { Err, Ok } from "../result.js";
import { importModule } from "../worker/entry.js";
import type { Lease } from "../worker/ledger.js";
import { pathToFileURL, process } from "../worker/node.js";
import { type ErrorImage, imageOfError, knownClass, ownFieldsOf, restoreFields, reviveError } from "./errorImage.js";
import { foreignKindOf, type Handle, isHandle, life, moveOut, reviveHandle } from "./handle.js";
import { isPlainData, isPlainPrimitive } from "./plain.js";
import { className, isBuffer, isCloneable, isDetached, isHostObject, isTransferable } from "./platform.js";
import { type SendRegistration, send } from "./sendable.js";

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

/** A handle that counts while it is on its way. */
export interface Lent {
  readonly leases: readonly Lease[];
  /** Lets go of it where nobody comes to take it. */
  readonly abandon: (thread: number) => void;
}

/** A value met on the way down, and how it was reached: the path is only spelled out where it is needed. */
interface Step {
  readonly value: unknown;
  readonly from: Step | undefined;
  readonly key: string;
}

interface Survey {
  readonly seen: Set<object>;
  readonly transfer: Set<object>;
  readonly handles: Set<Handle>;
  /** Whether something has to be replaced before structured clone may see the value. */
  special: boolean;
  readonly todo: Step[];
}

/**
 * Packs a value for another thread: checks every part, collects what is transferred, gives handles away.
 * Where it throws, nothing was given away.
 *
 * @param name what error messages call the value.
 * @param to completes the sentence "this Mutex was moved …" for later uses of a handle.
 * @throws NotSendError naming the part that cannot be sent; UseAfterMoveError for a handle that is not ours any more.
 */
export function pack(value: unknown, name: string, to: string): Packed {
  if (isPlainData(value)) return { parcel: { value }, transfer: [], abandon: [], lent: [] };
  const survey = emptySurvey();
  survey.todo.push({ value, from: undefined, key: name });
  for (let step = survey.todo.pop(); step !== undefined; step = survey.todo.pop()) inspect(step, survey);
  if (!survey.special) return { parcel: { value }, transfer: [...survey.transfer], abandon: [], lent: [] };

  const stands: Stand[] = [];
  const places = new Map<Handle, object>();
  const copy = tryReplace(value, { places, stands, done: new Map(), transfer: survey.transfer }, name);
  const abandon: ((thread: number) => void)[] = [];
  const lent: Lent[] = [];
  for (const [handle, at] of places) {
    const image = handle[moveOut]();
    handle[life].finish(`was moved ${to} and cannot be used here any more; to keep one, clone() it before the move`);
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
  const survey = emptySurvey();
  survey.todo.push({ value, from: undefined, key: "value" });
  for (let step = survey.todo.pop(); step !== undefined; step = survey.todo.pop()) inspect(step, survey);
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
    classes.set(classKey(module, name), found);
  }
  return unpackNow(parcel);
}

/** Unpacks without waiting. @throws TypeError for an instance of a class that this thread has not imported. */
export function unpackNow(parcel: Parcel): unknown {
  if (parcel.stands === undefined) return parcel.value;
  const real = new Map<object, object>();
  for (const stand of parcel.stands) real.set(stand.at, revive(stand));
  const seen = new Set<object>();
  for (const { as, at } of parcel.stands) {
    const error = real.get(at);
    if (as !== "error" || !(error instanceof Error)) continue;
    restore(at.fields, real, seen);
    restore(at.hidden, real, seen);
    restoreFields(error, at);
  }
  return restore(parcel.value, real, seen);
}

/** Whether unpacking has to import a module first. */
export function needsImport(parcel: Parcel): boolean {
  return missingClasses(parcel).length > 0;
}

interface ClassPlace {
  readonly module: string;
  readonly name: string;
}

const noClasses: readonly ClassPlace[] = [];

/** The classes of what is in a parcel that this thread has not imported. */
function missingClasses(parcel: Parcel): readonly ClassPlace[] {
  if (parcel.stands === undefined) return noClasses;
  return parcel.stands.flatMap(classPlaceOf).filter(({ module, name }) => !classes.has(classKey(module, name)));
}

function classPlaceOf(stand: Stand): readonly ClassPlace[] {
  if (stand.as === "instance") return [{ module: stand.module, name: stand.name }];
  if (stand.as !== "error" || stand.at.module === undefined) return noClasses;
  return [{ module: stand.at.module, name: stand.at.of }];
}

const classes = new Map<string, object>();

function classKey(module: string, name: string): string {
  return `${name} ${module}`;
}

// The library's own are in every thread.
for (const maker of [Ok, Err]) classes.set(classKey(maker[send].module, maker[send].export), maker);

function emptySurvey(): Survey {
  return { seen: new Set(), transfer: new Set(), handles: new Set(), special: false, todo: [] };
}

function pathOf(step: Step): string {
  let path = "";
  for (let at: Step | undefined = step; at !== undefined; at = at.from) {
    if (at.from === undefined) path = at.key + path;
    else if (/^[A-Za-z_$][\w$]*$/.test(at.key)) path = `.${at.key}${path}`;
    else if (/^\d+$/.test(at.key) || at.key.startsWith("<")) path = `[${at.key}]${path}`;
    else path = `[${JSON.stringify(at.key)}]${path}`;
  }
  return path;
}

function inspect(step: Step, survey: Survey): void {
  const value = step.value;
  if (isPlainPrimitive(value)) return;
  if (typeof value === "function") {
    throw new NotSendError(pathOf(step), "function", "send the data it needs and write the function in the thread");
  }
  if (typeof value === "symbol") {
    throw new NotSendError(pathOf(step), "symbol", "a symbol is only itself in the thread that made it; send a string");
  }
  if (typeof value !== "object" || value === null || survey.seen.has(value)) return;
  survey.seen.add(value);
  if (isHandle(value)) {
    value[life].assert();
    survey.handles.add(value);
    survey.special = true;
    return;
  }
  if (Array.isArray(value)) {
    for (let i = 0; i < value.length; i++) push(value[i], step, String(i), survey);
    return;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) inspectFields(value, step, survey);
  else inspectObject(value, step, survey);
}

function inspectFields(value: object, from: Step, survey: Survey): void {
  for (const [key, field] of Object.entries(value)) push(field, from, key, survey);
}

function push(value: unknown, from: Step, key: string, survey: Survey): void {
  if (!isPlainPrimitive(value)) survey.todo.push({ value, from, key });
}

function inspectObject(value: object, step: Step, survey: Survey): void {
  if (ArrayBuffer.isView(value)) {
    if (isBuffer(value)) survey.special = true;
    else inspectBuffer(value.buffer, step, survey);
  } else if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer) {
    inspectBuffer(value, step, survey);
  } else if (value instanceof Map) {
    let i = 0;
    for (const [key, item] of value) {
      push(key, step, `<key ${i}>`, survey);
      push(item, step, typeof key === "string" ? key : `<value ${i}>`, survey);
      i++;
    }
  } else if (value instanceof Set) {
    let i = 0;
    for (const item of value) push(item, step, `<item ${i++}>`, survey);
  } else if (value instanceof Error && (knownClass(value) !== undefined || registrationOf(value) !== undefined)) {
    if (registrationOf(value) !== undefined) assertImportable(value, step);
    survey.special = true;
    for (const [key, field] of ownFieldsOf(value)) push(field, step, key, survey);
  } else if (registrationOf(value) !== undefined) {
    assertImportable(value, step);
    survey.special = true;
    inspectFields(value, step, survey);
  } else if (isTransferable(value)) {
    survey.transfer.add(value);
  } else if (foreignKindOf(value) !== undefined) {
    survey.special = true;
  } else if (!isCloneable(value)) {
    refuse(value, step);
  }
}

function inspectBuffer(buffer: ArrayBufferLike, step: Step, survey: Survey): void {
  if (buffer instanceof SharedArrayBuffer || survey.transfer.has(buffer)) return;
  if (isDetached(buffer)) {
    throw new NotSendError(pathOf(step), "detached ArrayBuffer", "it was moved to a thread before; move a copy");
  }
  survey.transfer.add(buffer);
}

function refuse(value: object, step: Step): never {
  const name = className(value);
  if (value instanceof Promise) {
    throw new NotSendError(pathOf(step), "Promise", "await it first and send what it gives");
  }
  throw new NotSendError(pathOf(step), `instance of ${name}`, adviceAbout(value, name));
}

function adviceAbout(value: object, name: string): string {
  if (isHostObject(name)) return "it belongs to the thread that made it; send the data it holds";
  if (Symbol.dispose in value || Symbol.asyncDispose in value) {
    return "what is disposed of stays in the thread that made it; make it inside the thread";
  }
  return "it would arrive without its methods; send its data, or register the class with static [thread.send]";
}

function registrationOf(value: object): Required<SendRegistration> | undefined {
  const maker: unknown = Reflect.get(value, "constructor");
  if (typeof maker !== "function" || !Object.hasOwn(maker, send)) return undefined;
  const registration: unknown = Reflect.get(maker, send);
  if (typeof registration !== "object" || registration === null || !("module" in registration)) return undefined;
  const module = registration.module;
  if (typeof module !== "string") return undefined;
  const name = "export" in registration && typeof registration.export === "string" ? registration.export : maker.name;
  classes.set(classKey(module, name), maker);
  return { module, export: name };
}

function assertImportable(value: object, step: Step): void {
  if (!isInEntry(value)) return;
  throw new NotSendError(
    pathOf(step),
    `instance of ${className(value)}`,
    "its class is in the program's entry file, which a thread cannot import without running it again; " +
      "move the class to a module of its own",
  );
}

function isInEntry(value: object): boolean {
  const entry = process.argv[1];
  return entry !== undefined && registrationOf(value)?.module === pathToFileURL(entry).href;
}

/** Whether an instance's class registers itself, and other threads can import it. */
export function isImportable(value: object): boolean {
  return registrationOf(value) !== undefined && !isInEntry(value);
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

function classAt(module: string, name: string): object {
  const known = classes.get(classKey(module, name));
  if (known !== undefined) return known;
  throw new TypeError(`an instance of ${name} arrived, but this thread has not imported ${module}`);
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
