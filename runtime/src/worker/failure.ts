import { NotSendError, type PanicKind } from "../errors.js";
import { copyOnly, type Parcel } from "../transport/encode.js";
import { findSourceMap, process } from "./node.js";
import type { Failure, Payload } from "./protocol.js";
import { filesOf } from "./stack.js";

/** What is said of a panic. */
export function failureOf(error: unknown, kind: PanicKind): Failure {
  const stack = error instanceof Error ? String(error.stack ?? error) : `${describe(error)}`;
  return {
    kind,
    message: messageOf(error),
    stack,
    payload: payloadOf(error),
    mapped:
      process.sourceMapsEnabled === true ? filesOf(stack).filter((file) => findSourceMap(file) !== undefined) : [],
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : describe(error);
}

function describe(value: unknown): string {
  if (typeof value === "string") return value;
  try {
    return `threw ${JSON.stringify(value) ?? String(value)}`;
  } catch {
    return `threw ${String(value)}`;
  }
}

/** What was thrown, as far as it can be sent. */
function payloadOf(error: unknown): Payload {
  if (!(error instanceof Error)) return { as: "value", value: tryPack(error) ?? { value: String(error) } };
  const fields: Record<string, unknown> = {};
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "stack" || key === "message" || key === "name") continue;
    const field: unknown = Reflect.get(error, key);
    if (tryPack(field) !== undefined) fields[key] = field;
  }
  return { as: "error", name: error.name, message: error.message, fields: tryPack(fields) ?? { value: {} } };
}

/** The parcel of a value, or nothing where it cannot be copied: a panic gives no handle away. */
function tryPack(value: unknown): Parcel | undefined {
  try {
    return copyOnly(value);
  } catch (error) {
    if (error instanceof NotSendError) return undefined;
    throw error;
  }
}
