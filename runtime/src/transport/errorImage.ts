import * as library from "../errors.js";
import { findSourceMap, process } from "../worker/node.js";
import { filesOf, mapStack } from "../worker/stack.js";
import { stackInSource } from "../worker/stackInSource.js";

// Structured clone keeps little of an error: a built-in class, its message and its stack. An error also has fields
// (`code`), a cause and a class of its own, and its stack should name the source. So an error travels as an image.

/** What an error becomes on its way to another thread. */
export interface ErrorImage {
  /** The name of its class: a built-in one, or one of this library. */
  readonly of: string;
  /** URL of the module that exports the class, where the class registers itself. */
  readonly module?: string;
  readonly message: string;
  readonly stack: string;
  /** Whether the stack is in the positions of the source already, everywhere or in these files. */
  readonly inSource: true | readonly string[];
  /** What enumerates of its own fields. */
  readonly fields: Readonly<Record<string, unknown>>;
  /** What does not, such as its cause. */
  readonly hidden: Readonly<Record<string, unknown>>;
}

/** The fields of built-in errors that hold values of their own and do not enumerate. */
const structural = ["cause", "errors", "error", "suppressed"];

const libraryErrors: ReadonlyMap<unknown, string> = new Map(
  Object.entries(library).map(([name, maker]) => [maker, name]),
);

/** Errors that have arrived from another thread: their stacks are in the source already. */
const arrived = new WeakSet<object>();

/** A class that errors are made of. */
type ErrorClass = abstract new (...parameters: never[]) => Error;

/** The name under which another thread finds an error's class, if it is built in or of this library. */
export function knownClass(error: Error): string | undefined {
  return nameOfClass(error.constructor);
}

function nameOfClass(maker: unknown): string | undefined {
  if (typeof maker !== "function") return undefined;
  const own = libraryErrors.get(maker);
  if (own !== undefined) return own;
  const isBuiltIn = maker.name === "DOMException" || /Error$/.test(maker.name);
  return isBuiltIn && Reflect.get(globalThis, maker.name) === maker ? maker.name : undefined;
}

/** The name of the nearest known class that an error's class extends. */
export function nearestKnownClass(error: object): string {
  for (let at: unknown = error; typeof at === "object" && at !== null; at = Object.getPrototypeOf(at)) {
    const name = Object.hasOwn(at, "constructor") ? nameOfClass(Reflect.get(at, "constructor")) : undefined;
    if (name !== undefined) return name;
  }
  return "Error";
}

function classNamed(name: string): ErrorClass {
  const found: unknown = Reflect.get(library, name) ?? Reflect.get(globalThis, name);
  return typeof found === "function" ? (found as ErrorClass) : Error;
}

/** An error's own fields, without its message and stack. */
export function* ownFieldsOf(error: object): Generator<readonly [key: string, value: unknown, enumerable: boolean]> {
  for (const key of Object.getOwnPropertyNames(error)) {
    if (key === "stack" || key === "message") continue;
    const enumerable = Object.prototype.propertyIsEnumerable.call(error, key);
    const value = fieldOf(error, key);
    const isPart = enumerable || structural.includes(key) || isText(value);
    if (isPart) yield [key, value, enumerable];
  }
}

/** A getter may throw. */
function fieldOf(error: object, key: string): unknown {
  try {
    return Reflect.get(error, key);
  } catch {
    return undefined;
  }
}

function isText(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number";
}

/**
 * A stand-in for an error, with what of it can be sent: nothing else is known of an error that was thrown. It is of the
 * nearest class that the other thread can find.
 */
export function sendableCopy(error: object, can: Sending, done: Map<object, object> = new Map()): Error {
  const known = done.get(error);
  if (known !== undefined) return known as Error;
  const prototype: object = can.importClassOf(error)
    ? Object.getPrototypeOf(error)
    : Reflect.get(classNamed(nearestKnownClass(error)), "prototype");
  const copy: Error = Object.create(prototype);
  done.set(error, copy);
  if (arrived.has(error)) arrived.add(copy);
  const put = (key: string, value: unknown, enumerable: boolean): void => {
    Object.defineProperty(copy, key, { value, enumerable, writable: true, configurable: true });
  };
  const name = textOf(error, "name");
  if (name !== undefined && (prototype === DOMException.prototype || name !== Reflect.get(prototype, "name"))) {
    put("name", name, false);
  }
  put("message", textOf(error, "message") ?? "", false);
  put("stack", stackOf(error) ?? `${name}: ${copy.message}`, false);
  for (const [key, value, enumerable] of ownFieldsOf(error)) {
    const part = partOf(value, can, done);
    if (part !== undefined || value === undefined) put(key, part, enumerable);
  }
  return copy;
}

/** What can be sent, according to the transport. */
export interface Sending {
  send(value: unknown): boolean;
  importClassOf(value: object): boolean;
}

function partOf(value: unknown, can: Sending, done: Map<object, object>): unknown {
  if (value instanceof Error) return sendableCopy(value, can, done);
  if (Array.isArray(value) && value.some((item) => item instanceof Error)) {
    return value.map((item: unknown) => partOf(item, can, done));
  }
  return can.send(value) ? value : undefined;
}

/** A field of an error that should be a text; a getter may throw. */
export function textOf(error: object, key: "name" | "message" | "stack"): string | undefined {
  try {
    const value: unknown = Reflect.get(error, key);
    return typeof value === "string" ? value : undefined;
  } catch {
    return undefined;
  }
}

function stackOf(error: object): string | undefined {
  const stack = textOf(error, "stack");
  return stack === undefined || arrived.has(error) ? stack : stackInSource(stack);
}

/** The image of an error whose fields are as they are; `registration` says where its class is. */
export function imageOfError(
  error: Error,
  registration?: { readonly module: string; readonly export: string },
): ErrorImage {
  const fields: Record<string, unknown> = {};
  const hidden: Record<string, unknown> = {};
  for (const [key, value, enumerable] of ownFieldsOf(error)) (enumerable ? fields : hidden)[key] = value;
  // A DOMException has its name from its constructor, and a class may have it on its prototype.
  if (error instanceof DOMException) hidden.name = error.name;
  const message = textOf(error, "message") ?? "";
  const stack = stackOf(error) ?? `${textOf(error, "name") ?? "Error"}: ${message}`;
  return {
    of: registration?.export ?? nearestKnownClass(error),
    ...(registration === undefined ? {} : { module: registration.module }),
    message,
    stack,
    inSource: arrived.has(error) || mappedFiles(stack),
    fields,
    hidden,
  };
}

/** The files of a stack whose positions Node has mapped to the source. */
export function mappedFiles(stack: string): readonly string[] {
  if (process.sourceMapsEnabled !== true) return [];
  return filesOf(stack).filter((file) => findSourceMap(file) !== undefined);
}

/** The error that an image stands for, without its fields. `maker` is its class, where that registers itself. */
export function reviveError(image: ErrorImage, maker: object | undefined): Error {
  const error = make(image, (maker as ErrorClass | undefined) ?? classNamed(image.of));
  const stack = image.inSource === true ? image.stack : mapStack(image.stack, image.inSource).stack;
  Object.defineProperty(error, "stack", { value: stack, writable: true, configurable: true });
  arrived.add(error);
  return error;
}

function make({ message, hidden }: ErrorImage, maker: ErrorClass): Error {
  if (maker === (DOMException as unknown)) return new DOMException(message, String(hidden.name));
  const error: Error = Reflect.construct(Error, [message], maker);
  return error;
}

/** Gives an error the fields of its image. */
export function restoreFields(error: Error, { fields, hidden }: ErrorImage): void {
  for (const [key, value] of Object.entries(fields)) field(error, key, value, { enumerable: true });
  for (const [key, value] of Object.entries(hidden)) {
    if (!(error instanceof DOMException && key === "name")) field(error, key, value, { enumerable: false });
  }
}

function field(error: Error, key: string, value: unknown, { enumerable }: { readonly enumerable: boolean }): void {
  Object.defineProperty(error, key, { value, enumerable, writable: true, configurable: true });
}
