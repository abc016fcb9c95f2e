import { needsImport, type Packed, pack, unpack, unpackNow } from "../transport/encode.js";
import { memoryOf } from "../transport/plain.js";
import { type Closure, compile } from "./compile.js";
import { failureOf, kindOf } from "./failure.js";
import { forgetGlobals, isStillBusy, putBackGlobals, rememberGlobals } from "./globals.js";
import { bringIn, importsFiles } from "./loader.js";
import { giveSourceMap } from "./position.js";
import type { Code, Failure, Run } from "./protocol.js";
import { type Reach, reachOf } from "./reach.js";

/** A closure's text, and what is known of it. */
export interface Loaded {
  readonly code: Code;
  readonly reach: Reach;
  /** Whether it imports what a loader may have to translate. */
  readonly imports: boolean;
  make: (() => Closure) | undefined;
}

/** How a closure ended: with its result, packed for the parent, or not. */
export type Ending =
  | { readonly packed: Packed; readonly failure?: undefined }
  | { readonly packed?: undefined; readonly failure: Failure };

/** What is known of a closure by its text. */
export function load(code: Code): Loaded {
  if (code.map !== undefined && code.origin !== undefined) giveSourceMap(code.origin.file, code.map);
  return {
    code,
    reach: reachOf(code.source),
    imports: importsFiles(code.source),
    make: undefined,
  };
}

/** Whether a closure was given nothing but data, and names nothing that goes on after it has returned. */
export function onlyComputes({ global, promises, acts, hidden }: Reach, given: unknown): boolean {
  return !global && !promises && !acts && !hidden && memoryOf(given) !== undefined;
}

/** Runs a closure, and waits for what it returned. */
export async function execute({ parameters }: Run, loaded: Loaded, tsx: string | undefined): Promise<Ending> {
  try {
    const imports = parameters !== undefined && needsImport(parameters);
    if (tsx !== undefined && (loaded.imports || imports)) await bringLoader(tsx);
    if (loaded.reach.global || imports) rememberGlobals(loaded.reach.names);
    const values = imports ? await unpack(parameters) : parameters === undefined ? [] : unpackNow(parameters);
    const result = await call(loaded, values);
    if (loaded.reach.global) putBackGlobals();
    return endingOf(result);
  } catch (error) {
    if (loaded.reach.global) putBackGlobals();
    return failed(error);
  }
}

/** Calls a closure, which is made anew each time. @throws what it throws, and SyntaxError */
export function call(loaded: Loaded, values: unknown): unknown {
  loaded.make ??= compile(loaded.code);
  const closure = loaded.make();
  return closure(...(values as unknown[]));
}

/** How a closure ended that has returned this. */
export async function settle(result: unknown): Promise<Ending> {
  try {
    return endingOf(await result);
  } catch (error) {
    return failed(error);
  }
}

function endingOf(result: unknown): Ending {
  try {
    return { packed: pack(result, "the result", () => "out of the thread as its result") };
  } catch (error) {
    return { failure: failureOf(error, "unsendable-result") };
  }
}

/** How a closure ended that threw this. */
export function failed(error: unknown): Ending {
  return { failure: failureOf(error, kindOf(error)) };
}

/** Brings in what translates the files that a closure imports, once in a worker. */
async function bringLoader(tsx: string): Promise<void> {
  if ((await bringIn(tsx)) !== "new") return;
  await idle(); // What the loader still does would look as if the closure had left it behind.
  forgetGlobals();
}

/** Waits, but not for long, until nothing is under way. */
async function idle(): Promise<void> {
  for (let i = 0; i < 50 && isStillBusy(); i++) await new Promise((resolve) => setTimeout(resolve, 1));
}
