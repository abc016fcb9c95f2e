import { libraryName } from "./position.js";

/** What the library was made of in this thread, given to its text by `index.js` or by what a worker starts with. */
interface Library {
  /** The key of the global object under which a thread has its one library. */
  readonly key: string;
  readonly text: string;
  /** What V8 has made of the text, in a worker. */
  readonly code?: SharedArrayBuffer;
  /** Has V8 say what it has made of the text, where this is no worker. */
  makeCode?(): Uint8Array;
  importModule(url: string): Promise<Record<string, unknown>>;
}

declare const __library: Library;

/** Imports a module: text that is no file has no `import` of its own. */
export const importModule = (url: string): Promise<Record<string, unknown>> => __library.importModule(url);

/** This library as those have it who import it. */
export function libraryItself(): object {
  return Reflect.get(globalThis, Symbol.for(__library.key));
}

/** What a worker is given besides its boot, so that it need not look for files: bundlers would not know of them. */
export type LibraryForWorker = Pick<Library, "key" | "text" | "code">;

let given: LibraryForWorker | undefined;

/** The library for a worker, with what V8 has made of it so far: compiling it anew would take some 10 ms. */
export function libraryForWorker(): LibraryForWorker {
  if (given !== undefined) return given;
  const { key, text, code = share(__library.makeCode?.()) } = __library;
  given = { key, text, ...(code === undefined ? {} : { code }) };
  return given;
}

function share(bytes: Uint8Array | undefined): SharedArrayBuffer | undefined {
  if (bytes === undefined) return undefined;
  const shared = new SharedArrayBuffer(bytes.length);
  new Uint8Array(shared).set(bytes);
  return shared;
}

/** Makes the library of what a worker is given. */
const start = `
const load = process.getBuiltinModule;
const { library } = load("node:worker_threads").workerData;
const { key, text, code } = library;
const cachedData = code && new Uint8Array(code);
const script = new (load("node:vm").Script)(text, { filename: "${libraryName}", cachedData });
const value = script.runInThisContext()(load, { ...library, importModule: (url) => import(url) });
Object.defineProperty(globalThis, Symbol.for(key), { value });`;

let entry: URL | undefined;

/** The module that a worker starts with. As one that was evaluated, it would leave out what `--import` names. */
export function workerEntry(): URL {
  entry ??= new URL(`data:text/javascript,${encodeURIComponent(start)}`);
  return entry;
}

/** @throws SpawnError where no worker can be started; there is no such place. */
export function assertCanStart(): void {}
