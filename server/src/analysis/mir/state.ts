/** What lowering keeps while it works: one state for the file, one for each body that is being built. */
import type { Node, SourceFile } from "typescript/ast";
import { SyntaxKind, skipTrivia } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import type { Answers, Part, SymbolKey, TypeKey } from "../program/program.js";
import type {
  BlockId,
  Body,
  BodyId,
  BodySpans,
  Import,
  Local,
  LocalId,
  LocalKind,
  Loop,
  Operand,
  Param,
  Reference,
  Scope,
  ScopeId,
  Step,
  Terminator,
} from "./mir.js";

export type Draft<T> = { -readonly [K in keyof T]: T[K] };

/** Deeper than this, an expression or statement becomes one `opaque` step, so that no input overflows the stack. */
export const maxDepth = 160;

/** Which arguments' parts are asked for, by the name of what is called: all, or those that are members of something else. */
export type Senders = ReadonlyMap<string, "all" | "members">;

/** More copies of `finally` blocks than this in one body share one copy. */
export const maxFinallyCopies = 48;

export interface FileState {
  readonly file: string;
  readonly tree: SourceFile;
  readonly text: string;
  /** Notes each question, and stands in for its answer until lowering is done. */
  readonly asked: Answers;
  /** What was given a stand-in, beside the locals. */
  readonly holders: Holder[];
  readonly javascript: boolean;
  /** The names under which libraries export what sends its arguments to a thread. */
  readonly senders: Senders;
  /** The names of its getters that start threads. */
  readonly getters: ReadonlySet<string>;
  readonly locals: Draft<Local>[];
  readonly scopes: Scope[];
  readonly bodies: BodyDraft[];
  readonly imports: Import[];
  /** A `finally` block is lowered once per way out of it; what it declares stays one thing each. */
  readonly scopeOf: Map<Node, Frame>;
  readonly bodyOf: Map<Node, BodyId>;
  /** Symbols asked once for all equal names: globals, members of imports, methods of one variable. */
  readonly symbolOf: Map<string, Node>;
  /** What a constant is just another name for: `const s = thread.spawn`. */
  readonly aliasOf: Map<LocalId, Extract<Operand, { kind: "item" }>>;
  /** The name of the property that a destructured variable holds. */
  readonly memberOf: Map<LocalId, Node>;
  /** The types the module itself names, and the first declaration with each annotation. */
  readonly typeNames: ReadonlySet<string>;
  readonly typeOf: Map<string, Node>;
  readonly starts: Map<number, number>;
  /** Locals that some expression reads or writes. */
  readonly used: Set<LocalId>;
  depth: number;
}

export interface Holder {
  symbol?: SymbolKey | undefined;
  type?: TypeKey | undefined;
  parts?: readonly Part[] | undefined;
}

/** The names of one scope, while the scope is being lowered. Several frames can make up one scope. */
export interface Frame {
  readonly id: ScopeId;
  readonly parent: Frame | undefined;
  readonly body: BodyDraft;
  readonly names: Map<string, LocalId>;
  /** The locals that end with the scope. */
  readonly locals: LocalId[];
  /** `Class.` or `Namespace.`: what stands before the name of a declaration in a symbol key. */
  readonly qualifier: string;
}

export interface BlockDraft {
  readonly id: BlockId;
  readonly steps: Step[];
  end: Terminator | undefined;
  readonly unwind: BlockId | undefined;
  cleanup?: true;
  loop: Loop | undefined;
  reachable: boolean;
}

export interface BodyDraft {
  readonly id: BodyId;
  readonly parent: BodyDraft | undefined;
  readonly kind: Body["kind"];
  readonly name: string | undefined;
  readonly symbol: Body["symbol"];
  readonly async: boolean;
  readonly generator: boolean;
  readonly params: Param[];
  readonly blocks: BlockDraft[];
  readonly captures: Map<LocalId, Map<number, Reference>>;
  /** `this`, `arguments`, `super` and `new.target`, once something uses them. */
  readonly implicit: Map<LocalKind, LocalId>;
  readonly spans: BodySpans;
  scope: ScopeId;
  finallyCopies: number;
}

/** What lies between the current point and the end of the body; leaving by a jump goes through it from the top. */
export type Exit =
  | { readonly kind: "scope"; readonly frame: Frame; readonly disposals: Disposal[] }
  | {
      readonly kind: "target";
      readonly labels: readonly string[];
      /** A plain `break` stops here. */
      readonly breakable: boolean;
      readonly breakTo: BlockDraft;
      readonly continueTo: BlockDraft | undefined;
    }
  | {
      readonly kind: "finally";
      readonly node: Node;
      readonly unwind: BlockId | undefined;
      readonly frame: Frame;
      readonly onThrow: BlockDraft;
      readonly shared: boolean;
    };

interface Disposal {
  readonly local: LocalId;
  readonly async: boolean;
  readonly unwind: BlockId | undefined;
}

/** The body that is being built and the point in it where the next step goes. */
export interface BodyState {
  readonly file: FileState;
  readonly draft: BodyDraft;
  frame: Frame;
  block: BlockDraft;
  unwind: BlockId | undefined;
  statement: Span;
  exits: readonly Exit[];
  /** The locals of every scope entered since the innermost `try` began, for the handler that ends them. */
  entered: LocalId[] | undefined;
  /** The labels of the statement that is lowered next. */
  labels: readonly string[];
}

/** Where a node's first token starts, behind comments and blanks. */
function startOf(file: FileState, node: Node): number {
  const { pos, end } = node;
  if (pos >= end || node.kind === SyntaxKind.JsxText) return pos;
  let start = file.starts.get(pos);
  if (start === undefined) {
    start = skipTrivia(file.text, pos);
    file.starts.set(pos, start);
  }
  return Math.min(start, end);
}

export function spanOf(file: FileState, node: Node): Span {
  return { start: startOf(file, node), end: node.end };
}

/** The inside of the braces of a block, or the whole of any other node. */
export function insideOf(file: FileState, node: Node): Span {
  const { start, end } = spanOf(file, node);
  if (file.text[start] !== "{") return { start, end };
  const closed = end - 1 > start && file.text[end - 1] === "}";
  return { start: start + 1, end: closed ? end - 1 : Math.max(end, start + 1) };
}

/** Adds a local that no declaration in the text makes. */
export function addUndeclared(file: FileState, what: Pick<Local, "kind" | "name" | "body" | "scope">): LocalId {
  const id = file.locals.length;
  file.locals.push({
    id,
    ...what,
    span: undefined,
    statement: undefined,
    initializer: undefined,
    symbol: undefined,
    type: undefined,
    function: undefined,
    reassigned: false,
    exported: false,
    typeOnly: false,
  });
  return id;
}
