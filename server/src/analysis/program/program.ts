/**
 * The port: everything the analysis asks of TypeScript, and nothing else.
 *
 * `typescript/` holds the adapter that answers it with the native compiler. Syntax trees come from `typescript/ast`;
 * only `mir/` reads them. Symbols and types never leave the adapter: they are answered as keys.
 */
import type { Node, SourceFile } from "typescript/ast";

/**
 * Names one declaration, wherever it was imported, renamed or re-exported.
 * So does a constant of another file that is only another name of a function: `export const start = thread.spawn`.
 *
 * What several types of a union have in common is named by the first of them: `unwrap` of `Ok | Err` is `Ok.unwrap` or
 * `Err.unwrap`. A module as a whole (`import * as ns`) is named `*`.
 *
 * @example `{ package: "fearless-threads", file: ".../thread/spawn.d.ts", name: "spawn" }`
 * @example `{ package: "fearless-threads", file: "...", name: "JoinHandle.join" }` for a class or interface member
 * @example `{ package: undefined, file: "/repo/src/helper.ts", name: "joinAll" }` for the project's own code
 */
export interface SymbolKey {
  /**
   * The npm package that declares it; `"typescript"` for the default library; undefined for the project's own files.
   * A file is a package's when it is a declaration file, or belongs to another named `package.json` than the file that
   * was asked about, so that the packages of a workspace are packages to each other and not to themselves.
   */
  readonly package: string | undefined;
  /** Absolute path of the (first) declaring file, with forward slashes. */
  readonly file: string;
  /** Qualified by the containing class, interface, enum, namespace or object-literal variable: `Builder.spawn`. */
  readonly name: string;
  /** Where the declaration's name starts in `file`, where it is in the project's own code. */
  readonly offset: number | undefined;
}

/** A type, as far as the analysis cares: which named types it is built from. */
export type TypeKey =
  /** A class or interface (also an instance of one), with its type arguments, and the keys of the types it extends. */
  | {
      readonly kind: "named";
      readonly symbol: SymbolKey;
      readonly args: readonly TypeKey[];
      readonly bases: readonly SymbolKey[];
      /**
       * The names of the class's static members; `@send` for one that is named by a symbol `send`. Undefined where it is
       * no class, or not one of the project's own.
       */
      readonly statics?: readonly string[];
      /** An interface of pages or of their workers whose values a constructor makes: no plain object is one. */
      readonly exposed?: true;
    }
  | { readonly kind: "array"; readonly element: TypeKey }
  | { readonly kind: "tuple"; readonly elements: readonly TypeKey[] }
  /** `null` and `undefined` are left out; a union of one is that one. */
  | { readonly kind: "union"; readonly members: readonly TypeKey[] }
  | { readonly kind: "function"; readonly returns: TypeKey | undefined }
  | { readonly kind: "primitive"; readonly name: "string" | "number" | "bigint" | "boolean" | "symbol" | "void" }
  /** A plain object type: a literal, a type alias, a mapped type. */
  | { readonly kind: "object" }
  /** `any`, `unknown`, an unresolved name, or deeper than the adapter looks. */
  | { readonly kind: "unknown" };

/**
 * One part of what a value of a type holds: the value itself, a field of it, an element of a collection, and so on down.
 * Optional fields are left out, since they may not be there.
 */
export interface Part {
  /** What stands behind the value's name: `.options.onDone`, `[number]`, `[<key>]`; empty for the value itself. */
  readonly path: string;
  readonly type: TypeKey;
  /** An instance of a class: what it inherits from its class is not the instance's own. */
  readonly instance: boolean;
  /**
   * How what it is in came to have it. `inherited`: from its class, as far as can be told. `declared`: an interface says that it has
   * this method, which a class or the object itself may have. Undefined for what is its own.
   */
  readonly method?: "inherited" | "declared";
}

/** What is asked about one node. */
export interface Question {
  readonly node: Node;
  /**
   * `symbol`: what the name refers to, aliases followed. `type`: the type of the expression or declaration. `parts`: what
   * a value of that type holds, outer parts first.
   */
  readonly want: "symbol" | "type" | "parts";
}

/**
 * The answers to one batch, by node. A node that was not asked about, or has no answer, is undefined: an unresolved
 * name, `arguments`, `undefined`.
 */
export interface Answers {
  symbol(node: Node): SymbolKey | undefined;
  type(node: Node): TypeKey | undefined;
  parts(node: Node): readonly Part[] | undefined;
}

/** What is in the folder `to` was made of what is in one of the folders `from`, by the same name. Absolute paths. */
export interface Built {
  readonly from: readonly string[];
  readonly to: string;
}

/** The project at one moment. Immutable; dispose of it when done, since the compiler keeps its memory until then. */
export interface Snapshot {
  /**
   * The parsed file, or undefined where there is no such file or {@link Snapshot.omission} says why it is left out.
   * Positions are UTF-16 offsets into `tree.text`, which never has a byte order mark.
   */
  tree(file: string): Promise<SourceFile | undefined>;
  /** Why a file is left out, as a sentence for people: too long, the compiler hung on it, no source. */
  omission(file: string): string | undefined;
  /** Answers all questions, which are about nodes of trees of this snapshot, in one batch. */
  resolve(file: string, questions: readonly Question[]): Promise<Answers>;
  /** Where the compiler puts what it makes of the file's project; undefined where that is beside the sources, or nowhere. */
  built(file: string): Promise<Built | undefined>;
  /** Absolute paths of the project's own files that `file` imports directly (resolved; no packages). */
  imports(file: string): Promise<readonly string[]>;
  dispose(): Promise<void>;
}
