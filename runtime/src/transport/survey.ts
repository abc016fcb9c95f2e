import { NotSendError } from "../errors.js";
import { isInEntry, registrationOf } from "./classes.js";
import { knownClass, ownFieldsOf } from "./errorImage.js";
import { foreignKindOf, type Handle, isHandle, life } from "./handle.js";
import { isPlainPrimitive } from "./plain.js";
import { className, isBuffer, isCloneable, isDetached, isHostObject, isTransferable } from "./platform.js";

/** A value met on the way down, and how it was reached: the path is only spelled out where it is needed. */
interface Step {
  readonly value: unknown;
  readonly from: Step | undefined;
  readonly key: string;
}

/** What was found in a value that is to be sent. */
export interface Survey {
  readonly seen: Set<object>;
  readonly transfer: Set<object>;
  readonly handles: Set<Handle>;
  /** Whether something has to be replaced before structured clone may see the value. */
  special: boolean;
  readonly todo: Step[];
}

/** Looks at every part of a value. @throws NotSendError naming the one that cannot be sent; UseAfterMoveError */
export function surveyOf(value: unknown, name: string): Survey {
  const survey = emptySurvey();
  survey.todo.push({ value, from: undefined, key: name });
  for (let step = survey.todo.pop(); step !== undefined; step = survey.todo.pop()) inspect(step, survey);
  return survey;
}

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

function assertImportable(value: object, step: Step): void {
  if (!isInEntry(value)) return;
  throw new NotSendError(
    pathOf(step),
    `instance of ${className(value)}`,
    "its class is in the program's entry file, which a thread cannot import without running it again; " +
      "move the class to a module of its own",
  );
}
