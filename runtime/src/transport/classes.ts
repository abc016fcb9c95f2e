import { Err, Ok } from "../result.js";
import { pathToFileURL, process } from "../worker/node.js";
import { type SendRegistration, send } from "./sendable.js";

/** Where the class is of an instance that may cross. */
export interface ClassPlace {
  readonly module: string;
  readonly name: string;
}

const classes = new Map<string, object>();

function classKey(module: string, name: string): string {
  return `${name} ${module}`;
}

// The library's own are in every thread.
for (const maker of [Ok, Err]) classes.set(classKey(maker[send].module, maker[send].export), maker);

/** Whether this thread has imported the class. */
export function isClassHere({ module, name }: ClassPlace): boolean {
  return classes.has(classKey(module, name));
}

/** Notes a class that was imported. */
export function noteClass({ module, name }: ClassPlace, found: object): void {
  classes.set(classKey(module, name), found);
}

/** @throws TypeError for a class that this thread has not imported. */
export function classAt(module: string, name: string): object {
  const known = classes.get(classKey(module, name));
  if (known !== undefined) return known;
  throw new TypeError(`an instance of ${name} arrived, but this thread has not imported ${module}`);
}

/** How an instance's class says that it may cross. */
export function registrationOf(value: object): Required<SendRegistration> | undefined {
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

/** Whether it is of a class in the program's entry file. */
export function isInEntry(value: object): boolean {
  const entry = process.argv[1];
  return entry !== undefined && registrationOf(value)?.module === pathToFileURL(entry).href;
}

/** Whether an instance's class registers itself, and other threads can import it. */
export function isImportable(value: object): boolean {
  return registrationOf(value) !== undefined && !isInEntry(value);
}
