/**
 * A model says which role each export of a library plays. Rules ask for roles and never for names, so that another
 * library with the same ideas is another table.
 */
import type { SymbolKey } from "../program/program.js";
import type { Dialect, Library } from "./dialect.js";

/** The role of a callable: what a call of it means to the analysis. */
export type Role =
  /** Starts a thread and returns its handle: `spawn(f)`, `spawn(move(...), f)`. */
  | {
      readonly kind: "spawn";
      readonly returns: "handle" | "result-of-handle";
      readonly scoped: boolean;
      /** The thread is one of a few, and waits for its turn. */
      readonly pooled?: boolean;
    }
  /** Gives its arguments to a thread; `shallow`: copies of what is inside of them. */
  | { readonly kind: "move"; readonly shallow?: true }
  /** Waits for the thread of the receiver. `async` joins only count once they are awaited. */
  | { readonly kind: "join"; readonly mode: "async" | "sync"; readonly returns: "result" | "anything" }
  /** Lets the thread of the receiver go on without anybody waiting, on purpose. */
  | { readonly kind: "detach" }
  /**
   * Reads from the receiver and the arguments without taking them: `isFinished`, `thread`, `console.log`. `wakes`: those who
   * wait with the receiver, as `Condvar.notifyOne`.
   */
  | {
      readonly kind: "borrow";
      readonly wakes?: "one" | "all";
      /** The number of the argument that runs on a thread for each element of the first, which is all it gets. */
      readonly maps?: number;
    }
  /** As `borrow`; where the answer is `when`, there is nothing to wait for: `isFinished`, `isErr`. */
  | { readonly kind: "finished"; readonly when: boolean }
  /** Returns a second handle to what the receiver refers to (`Arc.clone`). */
  | { readonly kind: "clone" }
  /**
   * Makes a value that threads may share (`Arc.new`, `new Mutex`, an atomic). `copies`: of what it is given it keeps bytes,
   * and whoever takes the lock copies them out and back. `permits`: its first argument is how many may hold it at a time.
   */
  | { readonly kind: "share"; readonly copies?: true; readonly permits?: true }
  /**
   * Takes a lock and returns a guard, alone or in a Result. `shared`: others may hold one too, as `RwLock.read`. `counted`: so
   * many at a time, as `Semaphore.acquire`. `waits: "never"`: gives up where the lock is not free.
   */
  | {
      readonly kind: "lock";
      readonly mode: "async" | "sync";
      readonly returns: "result-of-guard" | "guard";
      /** Default: `exclusive`. */
      readonly access?: LockAccess;
      readonly waits?: "never";
      /** The method that locks the same only to read: `read` for `RwLock.write`. */
      readonly reader?: string;
    }
  /** Waits for what others do, or for time to pass, and takes nothing: `recv`, `sleep`, `fetch`. */
  | {
      readonly kind: "wait";
      readonly mode: "async" | "sync";
      /** `cell`: the word of shared memory that is its second argument of its first, as `Atomics.wait`. */
      readonly until: "message" | "time" | "other threads" | "answer" | "cell";
    }
  /**
   * Gives the guard that is its first argument back for a while, and returns it, in a Result: `Condvar.wait`. `condition`: it
   * looks again by itself, as `waitWhile`. `timed`: what it returns holds the guard and whether the time was up. `nothing`: the guard
   * stays the same one.
   */
  | {
      readonly kind: "relock";
      readonly mode: "async" | "sync";
      readonly until: "notified" | "condition";
      readonly returns: "result-of-guard" | "timed" | "nothing";
    }
  /**
   * Works on the word of shared memory that is its second argument of its first: `Atomics.load`. `exchange`: it changes the
   * word and says what was there, as a lock is taken.
   */
  | { readonly kind: "cell"; readonly does: "read" | "change" | "exchange" | "notify" }
  /** Disposes of its argument, or of its receiver where it has none: `drop(guard)`, `guard.dispose()`. */
  | { readonly kind: "drop" }
  /** Gives its arguments, or `copies` of them, to whoever receives them, and returns a Result. */
  | {
      readonly kind: "send";
      readonly mode: "async" | "sync";
      readonly copies?: true;
      /** `room`: it waits where the channel is full, as `SyncSender.send`. */
      readonly waits?: "room";
    }
  /** The value inside a Result: `unwrap`, `expect`. */
  | { readonly kind: "unwrap" }
  /** Calls the function in the named arm of its argument with the value inside: `Result.match({ ok, err })`. */
  | { readonly kind: "match" }
  /** Starts a file on a thread, and returns the object that its messages and errors come to: `new Worker(url)`. */
  | { readonly kind: "worker"; readonly host: "node" | "web" }
  /** Listens to the receiver for the event that the first argument names: `worker.on("error", f)`. */
  | { readonly kind: "listen" }
  /**
   * Posts a copy of the first argument, and transfers what is in the second: `worker.postMessage(value, [buffer])`. `alone:
   * "moved"`: without a second one, the first is transferred.
   */
  | { readonly kind: "post"; readonly alone?: "moved" }
  /** Calls its first argument at once, and makes of what that throws a rejection: `new Promise(executor)`. */
  | { readonly kind: "executor" }
  /** Opens a scope whose threads are joined when it ends. */
  | { readonly kind: "scope" }
  /** Makes another object over the same memory: that of its first argument, `new Uint8Array(buffer)`, or of its receiver. */
  | { readonly kind: "overlay" }
  /**
   * Hands the argument numbered `data` to one of a few workers as a message, and returns a promise of what comes of it.
   * `closure`: the number of the argument that may be a function, which travels as its text. `transfers`: the argument that
   * lists what is moved along, or the option of it that does. `unheard`: what happens where nobody waits for the promise, as a note.
   * `clonedBy`: the classes of which it is known that they clone the data; others may send it to a process as text.
   */
  | {
      readonly kind: "task";
      readonly data: number;
      readonly closure?: number;
      readonly transfers?: { readonly argument: number; readonly field?: string };
      readonly unheard: string;
      readonly clonedBy?: readonly string[];
    }
  /** Marks its argument, which is moved once it is the data of a task, and returns it. */
  | { readonly kind: "mark" }
  /**
   * Makes workers that live until one of these methods is called; `unended` says what becomes of them, as a note. `queue`: the
   * method that gives them tasks, with what waits for all of these, and what becomes of a task where nothing does.
   */
  | {
      readonly kind: "pool";
      readonly ends: readonly string[];
      readonly unended: string;
      readonly queue?: { readonly method: string; readonly watched: readonly string[]; readonly unheard: string };
    }
  /**
   * Stands for an object or a function in a worker, or is a promise of that: what its calls are given is posted, but for what one
   * of these functions marks. `unheard`: what happens where nobody waits for the promise of a call. `life`: the worker lives until
   * a function is called with it.
   */
  | {
      readonly kind: "remote";
      readonly marks: readonly string[];
      readonly unheard?: string;
      readonly life?: { readonly end: string; readonly unended: string };
      /** The function that the worker's file has to call, and what happens where it does not. */
      readonly exposed?: { readonly by: string; readonly otherwise: string };
    }
  /** Makes a pool that joins what nobody joined, once it is joined or disposed of: `new ThreadPool()`. */
  | { readonly kind: "thread-pool" }
  /** Waits for all that was started on the receiver: `ThreadPool.join`. */
  | { readonly kind: "drain" }
  /** Makes a channel: `[tx, rx]`. */
  | { readonly kind: "channel" }
  | CollectionRole;

/** Who else may hold a lock at the same time. */
export type LockAccess = "exclusive" | "shared" | "counted";

/** What the standard library does with the values it is given: enough to follow a value through a collection. */
export type CollectionRole =
  /**
   * Puts arguments into the receiver, from the one numbered `from` on: `push`, `add`, `Map.set`. `argument`: puts that one only, and
   * gives it back, as `DisposableStack.use`.
   */
  | { readonly kind: "insert"; readonly from: number; readonly returns: "receiver" | "argument" | "nothing" }
  /** Returns one element of the receiver, or `undefined`: `pop`, `at`, `Map.get`. */
  | { readonly kind: "take" }
  /** Asks a generator for what it gives next: `{ done, value }`. `async`: a promise of that. */
  | { readonly kind: "next"; readonly mode: "async" | "sync" }
  /** Returns a collection with elements of the receiver (and of the arguments): `slice`, `values`, `concat`. */
  | { readonly kind: "view" }
  /** Returns a collection with the elements of its first argument, each mapped by the second: `Array.from`. */
  | { readonly kind: "collect" }
  /** Calls its first argument, a function, at once for each element; `returns` says what the results are. */
  | {
      readonly kind: "each";
      readonly returns: "nothing" | "results" | "elements" | "element" | "accumulator";
    }
  /** Waits for all the promises in its argument: `Promise.all`. */
  | { readonly kind: "combine" }
  /** Attaches to the receiver, a promise, somebody who waits: `then`. `passesOn`: the value goes through, as with `catch`. */
  | { readonly kind: "then"; readonly passesOn: boolean }
  /** Ends the process. */
  | { readonly kind: "exit" };

/** The role of a class: what a value of it is. */
export type TypeRole =
  | "handle"
  | "result"
  | "lock"
  | "guard"
  | "arc"
  | "atomic"
  | "sender"
  | "receiver"
  | "scope"
  | "moved";

/** `owner`: memory that is transferred when it is moved. `view`: looks at memory of the type of its first type argument. */
export type MemoryRole = "owner" | "view";

/** What a size in bytes has to be between. */
export interface SizeLimit {
  /** "stack size". */
  readonly what: string;
  readonly min: number;
  readonly max: number;
  /** Why, and what happens otherwise, as a note of a finding. */
  readonly meant: string;
}

/** One library. Keys are qualified names as in {@link SymbolKey.name}; `new` of a class is its name with `new ` before. */
export interface LibraryModel {
  /**
   * What declares the names: an npm package, `"typescript"` for the default library, or a file of the project by its
   * absolute path, for wrappers of a user's own.
   */
  readonly package: string;
  readonly callables: Readonly<Record<string, Role>>;
  readonly types: Readonly<Record<string, TypeRole>>;
  readonly memory?: Readonly<Record<string, MemoryRole>>;
  /** The classes of whose values a thread gets a second handle: whoever moves one goes on using it. */
  readonly shared?: readonly string[];
  /** The methods that run their first argument where nobody did before, and have everybody else wait for that. */
  readonly once?: readonly string[];
  /**
   * Only who imports it is looked at: a package that needs it, as a test runner does a pool, uses it for itself. Otherwise
   * such a package may hand on what it exports.
   */
  readonly importedOnly?: true;
  /** How fixes write in this library; without it they write in the project's own. */
  readonly dialect?: Dialect;
  /** The functions whose first argument is a size. */
  readonly limits?: Readonly<Record<string, SizeLimit>>;
}

/** Looks a declaration up in all models. */
export interface Models {
  callable(key: SymbolKey, form: "call" | "new"): Role | undefined;
  type(key: SymbolKey): TypeRole | undefined;
  memory(key: SymbolKey): MemoryRole | undefined;
  /** Whether values of the class stay usable after they were moved. */
  isShared(key: SymbolKey): boolean;
  /** Whether the method runs its first argument unless that was done, and makes others wait for it. */
  runsOnce(key: SymbolKey): boolean;
  limit(key: SymbolKey): SizeLimit | undefined;
  /**
   * The packages (and the files, by path) whose import makes a file worth looking at; under {@link importedOnly} those that no
   * other package hands on.
   */
  readonly packages: ReadonlySet<string>;
  /**
   * The last part of the name of each function that gives away what it is given, to a thread as `move`, `send`, `spawn`, or for
   * good as `drop`. `members`: which variable is given is all that matters.
   */
  readonly senders: ReadonlyMap<string, "all" | "members">;
  /** The last part of the name of each function that takes a lock or starts a thread. */
  readonly starters: ReadonlySet<string>;
  readonly dialects: ReadonlyMap<string, Dialect>;
  /** What fixes write in where nothing tells of a library. */
  readonly ownLibrary: Library;
  /** Whether closures that start threads of the own library have the imports, functions and constants of their file. */
  readonly staticItems: boolean;
}

/** What models are made of. */
export interface ModelTables {
  /** Thread libraries: importing one makes a file worth looking at. */
  readonly libraries: readonly LibraryModel[];
  /** One of the libraries, which has a dialect. */
  readonly own: Library;
  /** What every program has: consulted, but no reason to look at a file. */
  readonly ambient: readonly LibraryModel[];
}

/** Joins tables into one look-up. Where two tables name the same declaration, the first one counts. */
export function createModels({ libraries, ambient, own }: ModelTables): Models {
  const callables = new Map<string, Role>();
  const types = new Map<string, TypeRole>();
  const memory = new Map<string, MemoryRole>();
  const shared = new Map<string, true>();
  const once = new Map<string, true>();
  const limits = new Map<string, SizeLimit>();
  for (const { package: name, ...table } of [...libraries, ...ambient]) {
    for (const [key, role] of Object.entries(table.callables)) {
      if (!callables.has(`${name}:${key}`)) callables.set(`${name}:${key}`, role);
    }
    for (const [key, role] of Object.entries(table.types)) {
      if (!types.has(`${name}:${key}`)) types.set(`${name}:${key}`, role);
    }
    for (const [key, role] of Object.entries(table.memory ?? {})) memory.set(`${name}:${key}`, role);
    for (const key of table.shared ?? []) shared.set(`${name}:${key}`, true);
    for (const key of table.once ?? []) once.set(`${name}:${key}`, true);
    for (const [key, limit] of Object.entries(table.limits ?? {})) limits.set(`${name}:${key}`, limit);
  }
  const named = (which: (entry: [string, Role]) => boolean): ReadonlySet<string> =>
    new Set(
      [...libraries, ...ambient].flatMap(({ callables: table }) => Object.entries(table).filter(which).map(lastName)),
    );
  return {
    callable: (key, form) => lookUp(callables, key, form === "new" ? `new ${key.name}` : key.name),
    type: (key) => lookUp(types, key, key.name),
    memory: (key) => lookUp(memory, key, key.name),
    isShared: (key) => lookUp(shared, key, key.name) === true,
    runsOnce: (key) => lookUp(once, key, key.name) === true,
    limit: (key) => lookUp(limits, key, key.name),
    packages: new Set(libraries.map(({ package: name, importedOnly: only }) => (only ? importedOnly(name) : name))),
    senders: new Map([
      ...[...named(([, { kind }]) => kind === "drop")].map((name) => [name, "members"] as const),
      ...[...named(sends)].map((name) => [name, "all"] as const),
    ]),
    starters: named(([, { kind }]) => kind === "lock" || kind === "spawn" || kind === "scope"),
    dialects: new Map(libraries.flatMap(({ package: name, dialect }) => (dialect ? [[name, dialect] as const] : []))),
    ownLibrary: own,
    staticItems: false,
  };
}

/** How {@link Models.packages} names a package that counts only where it is imported itself. */
export function importedOnly(name: string): string {
  return `only ${name}`;
}

function sends([, { kind }]: [string, Role]): boolean {
  return (
    kind === "move" || kind === "send" || kind === "spawn" || kind === "post" || kind === "worker" || kind === "task"
  );
}

function lastName([name]: [string, Role]): string {
  return name.slice(Math.max(name.lastIndexOf("."), name.lastIndexOf(" ")) + 1);
}

/** By the package, and by the file for a model of the project's own. */
function lookUp<T>(table: ReadonlyMap<string, T>, key: SymbolKey, name: string): T | undefined {
  const known = key.package === undefined ? undefined : table.get(`${key.package}:${name}`);
  return known ?? table.get(`${key.file}:${name}`);
}
