import type { PanicKind } from "../errors.js";
import { isImportable } from "../transport/classes.js";
import { copyOnly, type Parcel } from "../transport/encode.js";
import { mappedFiles, type Sending, sendableCopy, textOf } from "../transport/errorImage.js";
import type { Failure } from "./protocol.js";

/** What is said of a panic. It never throws, whatever was thrown: a getter or a proxy of it may throw in turn. */
export function failureOf(error: unknown, kind: PanicKind): Failure {
  try {
    return isError(error) ? failureOfError(error, kind) : failureOfValue(error, kind);
  } catch {
    return failureOfText("threw an object that throws when it is looked at", kind);
  }
}

/** How a thread came to panic with what it threw. */
export function kindOf(error: unknown): PanicKind {
  const isFullStack = isError(error) && textOf(error, "message") === "Maximum call stack size exceeded";
  return isFullStack && error instanceof RangeError ? "stack-overflow" : "thrown";
}

function isError(value: unknown): value is Error {
  try {
    return value instanceof Error;
  } catch {
    return false;
  }
}

function failureOfError(error: Error, kind: PanicKind): Failure {
  const copy = sendableCopy(error, sending);
  const stack = String(copy.stack);
  return {
    kind,
    name: copy.name,
    message: copy.message,
    stack,
    payload: tryPack(copy) ?? { value: copy.message },
    mapped: mappedFiles(stack),
  };
}

function failureOfValue(value: unknown, kind: PanicKind): Failure {
  const text = describe(value);
  return { ...failureOfText(text, kind), payload: tryPack(value) ?? { value: text } };
}

function failureOfText(text: string, kind: PanicKind): Failure {
  return { kind, name: "", message: text, stack: text, payload: { value: text }, mapped: [] };
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return `threw ${JSON.stringify(value) ?? String(value)}`;
  } catch {
    return typeof value === "bigint" ? `threw ${value}` : "threw an object that cannot be printed";
  }
}

const sending: Sending = {
  send: (value) => tryPack(value) !== undefined,
  importClassOf: isImportable,
};

/** The parcel of a value, or nothing where it cannot be copied: a panic gives no handle away. */
function tryPack(value: unknown): Parcel | undefined {
  try {
    const parcel = copyOnly(value);
    // A proxy looks like a plain object until it is cloned.
    structuredClone(parcel);
    return parcel;
  } catch {
    return undefined;
  }
}
