/**
 * A model says which role each export of a library plays. Rules ask for roles and never for names, so that another
 * library with the same ideas is another table.
 */
import type { SymbolKey } from "../program/program.js";

/** The role of a callable: what a call of it means to the analysis. */
export type Role =
  /** Starts a thread and returns its handle: `spawn(f)`, `spawn(move(...), f)`. */
  | { readonly kind: "spawn"; readonly returns: "handle" | "result-of-handle"; readonly scoped: boolean }
  /** Gives its arguments to a thread. */
  | { readonly kind: "move" }
  /** Waits for the thread of the receiver. `async` joins only count once they are awaited. */
  | { readonly kind: "join"; readonly mode: "async" | "sync" }
  /** Lets the thread of the receiver go on without anybody waiting, on purpose. */
  | { readonly kind: "detach" }
  /** Reads from the receiver without taking it: `isFinished`, `thread`. */
  | { readonly kind: "borrow" }
  /** Returns a second handle to what the receiver refers to (`Arc.clone`). */
  | { readonly kind: "clone" }
  /** Makes a value that threads may share (`Arc.new`, `new Mutex`, an atomic). */
  | { readonly kind: "share" }
  /** Takes a lock and returns a guard (inside a Result). */
  | { readonly kind: "lock"; readonly mode: "async" | "sync" }
  /** The value inside a Result: `unwrap`, `expect`. */
  | { readonly kind: "unwrap" }
  /** Opens a scope whose threads are joined when it ends. */
  | { readonly kind: "scope" }
  /** Makes a channel: `[tx, rx]`. */
  | { readonly kind: "channel" };

/** The role of a class: what a value of it is. */
export type TypeRole = "handle" | "result" | "lock" | "guard" | "arc" | "atomic" | "sender" | "receiver" | "scope" | "moved";

/** One library. Keys are qualified names as in {@link SymbolKey.name}; `new` of a class is its name with `new ` before. */
export interface LibraryModel {
  /** The npm package (or `"typescript"` for the default library) that declares the names. */
  readonly package: string;
  readonly callables: Readonly<Record<string, Role>>;
  readonly types: Readonly<Record<string, TypeRole>>;
}

/** Looks a declaration up in all models. */
export interface Models {
  callable(key: SymbolKey, form: "call" | "new"): Role | undefined;
  type(key: SymbolKey): TypeRole | undefined;
  /** The packages whose import makes a file worth looking at. */
  readonly packages: ReadonlySet<string>;
}
