import { process } from "./node.js";
import { libraryName } from "./position.js";

/**
 * The library has two parts: what serves closures, which workers start with, and the rest, which they get when a closure
 * asks for it. All threads of a process share both texts, and what V8 has made of them.
 */
export interface LibraryForWorker {
  /** The key of the global object under which a thread has its one library. */
  readonly key: string;
  readonly serving: SharedPart;
  readonly rest: SharedPart;
}

interface SharedPart {
  /** Its text, in ASCII. */
  readonly text: SharedArrayBuffer;
  /** In word 0 how many bytes V8 has made of it, 0 while nobody has asked V8; then, from {@link codeAt}, these. */
  readonly code: SharedArrayBuffer;
}

const codeAt = 8;
/** The most that is shared of what V8 has made of a part, in bytes. */
const maxCode = 4 * 1024 * 1024;

/** What the library was made of in this thread, given to its text by `index.js` or by what a worker starts with. */
interface Library {
  readonly key: string;
  /** What this thread was started with, if it is a worker. */
  readonly given?: LibraryForWorker;
  /** The parts as `index.js` has them. */
  readonly parts?: { readonly serving: Part; readonly rest: Part };
  /** What the rest needs of the other part. */
  readonly serves?: object;
  /** Makes the function that the rest is. */
  makeRest(): (require: typeof process.getBuiltinModule, serves: object | undefined) => object;
  importModule(url: string): Promise<Record<string, unknown>>;
}

interface Part {
  readonly text: string;
  /** Has V8 say what it has made of it. */
  makeCode(): Uint8Array;
}

declare const __library: Library;

/** Imports a module: text that is no file has no `import` of its own. */
export const importModule = (url: string): Promise<Record<string, unknown>> => __library.importModule(url);

let whole: object | undefined;

/** This library as those have it who import it. */
export function libraryItself(): object {
  whole ??= __library.makeRest()(process.getBuiltinModule, __library.serves);
  return whole;
}

/** Has this thread get the rest of the library, if it has not. */
export function bringWhole(): void {
  libraryItself();
}

let given: LibraryForWorker | undefined;

/** What a worker is given besides its boot, so that it need not look for files: bundlers would not know of them. */
export function libraryForWorker(): LibraryForWorker | undefined {
  const { key, parts } = __library;
  given ??= parts === undefined ? __library.given : { key, serving: share(parts.serving), rest: share(parts.rest) };
  return given;
}

function share({ text }: Part): SharedPart {
  const bytes = Buffer.from(text, "latin1");
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return { text: shared, code: new SharedArrayBuffer(codeAt, { maxByteLength: codeAt + maxCode }) };
}

/**
 * Shares what V8 has made of the library: compiling it anew would take a worker some 10 ms. To ask V8 takes 3 ms, in which
 * the first worker is on its way.
 */
export function shareCode(): void {
  const { parts } = __library;
  if (given === undefined || parts === undefined) return;
  fill(given.serving, parts.serving);
  fill(given.rest, parts.rest);
}

function fill({ code }: SharedPart, part: Part): void {
  if (code.byteLength > codeAt) return;
  const bytes = part.makeCode();
  if (bytes.length > maxCode) return;
  code.grow(codeAt + bytes.length);
  new Uint8Array(code, codeAt).set(bytes);
  Atomics.store(new Int32Array(code, 0, 1), 0, bytes.length);
}

/** Makes the library of what a worker is given. */
const start = `
const load = process.getBuiltinModule;
const { library } = load("node:worker_threads").workerData;
const make = ({ text, code }) => {
  const bytes = Atomics.load(new Int32Array(code, 0, 1), 0);
  const cachedData = bytes > 0 ? new Uint8Array(code, ${codeAt}, bytes) : undefined;
  const { Script } = load("node:vm");
  return new Script(Buffer.from(text).latin1Slice(), { filename: "${libraryName}", cachedData }).runInThisContext();
};
const importModule = (url) => import(url);
const { key, serving, rest } = library;
const get = make(serving)(load, { key, given: library, makeRest: () => make(rest), importModule });
Object.defineProperty(globalThis, Symbol.for(key), { get });`;

let entry: URL | undefined;

/** The module that a worker starts with. As one that was evaluated, it would leave out what `--import` names. */
export function workerEntry(): URL {
  entry ??= new URL(`data:text/javascript,${encodeURIComponent(start)}`);
  return entry;
}

/** @throws SpawnError where no worker can be started; there is no such place. */
export function assertCanStart(): void {}
