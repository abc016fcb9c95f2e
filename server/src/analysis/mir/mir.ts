/**
 * The middle form: what one file does, in blocks of simple steps over places. `lower.ts` makes it from a syntax tree;
 * everything after that room reads only this, and knows nothing of TypeScript's syntax.
 *
 * Its model is rustc's MIR (https://rustc-dev-guide.rust-lang.org/mir/index.html): expressions are flattened into steps
 * that write to temporaries, control flow is explicit, and every step says where in the text it came from.
 */
import type { Span } from "../diagnostic.js";
import type { Built, Part, SymbolKey, TypeKey } from "../program/program.js";

export type LocalId = number;
export type BodyId = number;
export type BlockId = number;
export type ScopeId = number;

/** One lowered file. Ids index the arrays. */
export interface Module {
  readonly file: string;
  readonly text: string;
  /** `bodies[0]` is the module's own top level. Nested functions, class members and initialisers have bodies of their own. */
  readonly bodies: readonly Body[];
  /** The locals of all bodies, so that a captured variable has the same id inside the closure. */
  readonly locals: readonly Local[];
  readonly scopes: readonly Scope[];
  /**
   * Where an import declaration can be inserted, as a line of its own: the start of the line after the last import, or
   * after a shebang and directives. Not the start of a line only where code or the end of the file follows at once.
   */
  readonly importOffset: number;
  readonly imports: readonly Import[];
  /** Where the compiler puts what it makes of the file's project; only known of a file that starts workers. */
  readonly built?: Built;
}

/** An import declaration, for fixes that add a name to it. */
export interface Import {
  readonly specifier: string;
  readonly span: Span;
  readonly typeOnly: boolean;
  /** Where a further named import goes (just behind the last one), or undefined where there is no `{ … }`. */
  readonly namedEnd: number | undefined;
  readonly names: readonly { readonly imported: string; readonly local: LocalId }[];
}

/** A lexical scope: a function's, a block's, a loop's, a class body's. */
export interface Scope {
  readonly id: ScopeId;
  readonly parent: ScopeId | undefined;
  readonly body: BodyId;
  /** The inside of the braces, where there are any. A fix that must run last in the scope inserts before `span.end`. */
  readonly span: Span;
  readonly kind: "module" | "function" | "block" | "loop" | "switch" | "catch" | "class";
}

export type LocalKind =
  | "param"
  | "const"
  | "let"
  | "var"
  | "using"
  | "await-using"
  | "function"
  | "class"
  | "enum"
  | "namespace"
  | "catch"
  | "import"
  /** `this` and `arguments` are locals of the function (or module, or class initialiser) that binds them. */
  | "this"
  | "arguments"
  /** `super` and `new.target`, which an arrow function can read from outside too. */
  | "super"
  | "new.target"
  /** Made by lowering to hold a value between two steps. */
  | "temp";

export interface Local {
  readonly id: LocalId;
  readonly kind: LocalKind;
  /** Undefined for temporaries. */
  readonly name: string | undefined;
  readonly body: BodyId;
  readonly scope: ScopeId;
  /** The name in its declaration. Undefined for temporaries, `this` and the like. */
  readonly span: Span | undefined;
  /** The whole declaration statement (for a parameter: the parameter). */
  readonly statement: Span | undefined;
  /** The initialiser: of the whole pattern for a name in one. Undefined where there is none. */
  readonly initializer: Span | undefined;
  /** For an import: what it is bound to. For the project's own declarations: their own key. */
  readonly symbol: SymbolKey | undefined;
  /**
   * The type, for parameters and for variables whose type could hold something a model knows. Literals, functions and
   * annotations with a keyword have theirs without asking the checker.
   */
  readonly type: TypeKey | undefined;
  /**
   * For function declarations and for `const f = () => …`: the function, so that a call or spawn by name is followed. For a
   * class: its constructor. Undefined where the name is written again.
   */
  readonly function: BodyId | undefined;
  /** Written anywhere but in its declaration, nested functions included. */
  readonly reassigned: boolean;
  readonly exported: boolean;
  /** `import type`, or an import that no code uses (JavaScript files excepted, where each import counts). */
  readonly typeOnly: boolean;
}

export type BodyKind =
  | "module"
  | "function"
  | "arrow"
  | "method"
  | "constructor"
  | "getter"
  | "setter"
  | "initializer"
  | "static-block";

/** One function (or the module, or a class member's initialiser), lowered. */
export interface Body {
  readonly id: BodyId;
  /** The function around it. Undefined for the module. */
  readonly parent: BodyId | undefined;
  readonly kind: BodyKind;
  readonly name: string | undefined;
  /** How other code names it, for summaries. Undefined for anonymous functions. */
  readonly symbol: SymbolKey | undefined;
  readonly async: boolean;
  readonly generator: boolean;
  readonly params: readonly Param[];
  /** Blocks in creation order; control enters at `blocks[0]`. */
  readonly blocks: readonly Block[];
  /** What it, or a function nested in it, uses of the bodies around it. In order of first use. */
  readonly captures: readonly Capture[];
  readonly scope: ScopeId;
  readonly spans: BodySpans;
}

export interface BodySpans {
  readonly whole: Span;
  /** The inside of the parentheses, or the one bare parameter of `x => …`. Undefined for the module and initialisers. */
  readonly params: Span | undefined;
  /** False for `x => …`, where a further parameter needs parentheses. */
  readonly parenthesized: boolean;
  /** The inside of the braces, or the expression of `() => expression`. */
  readonly body: Span;
  readonly expressionBody: boolean;
}

export interface Param {
  /** Undefined for a destructuring pattern, whose names are locals that the first steps fill. */
  readonly local: LocalId | undefined;
  /** Always there: what the argument arrives in (the same as `local` where that is defined). */
  readonly arrives: LocalId;
  readonly span: Span;
  readonly rest: boolean;
  readonly optional: boolean;
}

/** One binding from outside, with every use of it, nested functions included. Uses in types only are not uses. */
export interface Capture {
  readonly local: LocalId;
  readonly uses: readonly Reference[];
}

export interface Reference {
  readonly span: Span;
  /** `update` reads and writes: `x++`, `x += 1`. A write to a field of the binding is a `read` of the binding. */
  readonly access: "read" | "write" | "update";
  /** `{ v }`: the name is also the property. */
  readonly shorthand: boolean;
  /** The function the use is in (the capturing one or one nested in it). */
  readonly body: BodyId;
}

export interface Block {
  readonly id: BlockId;
  readonly steps: readonly Step[];
  readonly end: Terminator;
  /** Where control goes when a step throws; undefined: out of the function. */
  readonly unwind: BlockId | undefined;
  /** What threw before goes on behind it: a `finally` that was entered by an exception, or the end of a `using`. */
  readonly cleanup?: true;
  /** The block is the head of a loop: some edge comes back to it. */
  readonly loop: Loop | undefined;
}

export interface Loop {
  /** The whole statement. */
  readonly span: Span;
  /** The inside of the loop's body. */
  readonly body: Span;
  readonly kind: "for" | "for-of" | "for-await" | "for-in" | "while" | "do";
}

/** A local, or something reached from it. `this.handle` is base `this`, path `[field handle]`. */
export interface Place {
  readonly base: LocalId;
  readonly path: readonly Projection[];
}

export type Projection =
  | { readonly kind: "field"; readonly name: string }
  /**
   * `a[0]`: `constant` is the number. `a[i]`: undefined, any element, chosen `by` an operand where code writes one.
   * String keys that are literals are fields.
   */
  | { readonly kind: "index"; readonly constant: number | undefined; readonly by?: Operand };

export type Operand =
  | { readonly kind: "place"; readonly place: Place; readonly span: Span }
  | {
      readonly kind: "constant";
      readonly value: string | number | boolean | bigint | null | undefined;
      readonly span: Span;
    }
  /** A function expression, arrow, class or object method. A class is given by its constructor's body. */
  | { readonly kind: "function"; readonly body: BodyId; readonly span: Span }
  /** An import, a member of an imported namespace, or a global. `symbol` is undefined where nothing is known of it. */
  | {
      readonly kind: "item";
      readonly name: string;
      readonly symbol: SymbolKey | undefined;
      readonly local: LocalId | undefined;
      /** What is left of the last dot: `bank` of `bank.log`. */
      readonly of?: Operand & { readonly kind: "item" };
      readonly span: Span;
    };

export interface Argument {
  readonly value: Operand;
  readonly spread: boolean;
  /** What the value holds; asked for where the callee has a name by which some library sends values to threads. */
  readonly parts?: readonly Part[] | undefined;
}

export interface Call {
  readonly kind: "call";
  readonly form: "call" | "new" | "tagged" | "import";
  /** The declaration that is called, where the type checker knows it. */
  readonly symbol: SymbolKey | undefined;
  /** What is called. For `a.b()` it is the place `a.b` or the item; for `f()()` a temporary. */
  readonly callee: Operand;
  /** What is left of the dot in `a.b()`. */
  readonly receiver: Operand | undefined;
  /** The name right of the dot, or the bare name. */
  readonly method: string | undefined;
  readonly args: readonly Argument[];
  /** The type of the result: asked for where it initialises a variable, is awaited at once, or is made by `new`. */
  readonly type: TypeKey | undefined;
  readonly spans: {
    readonly whole: Span;
    readonly callee: Span;
    /** The name right of the dot, or the bare name. */
    readonly name: Span;
    /** The inside of the parentheses. Undefined for `new X` and tagged templates. */
    readonly args: Span | undefined;
  };
}

/**
 * What a step computes. There is no value for "one of several": a conditional or logical expression assigns to one
 * temporary in each arm, so that each path says which value it has.
 */
export type Value =
  /** A plain copy: `b = a` makes `b` another name of what `a` holds. */
  | { readonly kind: "use"; readonly operand: Operand }
  | { readonly kind: "array"; readonly elements: readonly Argument[] }
  | { readonly kind: "object"; readonly fields: readonly ObjectField[] }
  /** Everything that makes a new value from others and keeps none of them: arithmetic, templates, `typeof`, comparisons. */
  | { readonly kind: "compute"; readonly operator: string; readonly operands: readonly Operand[] }
  /** Makes a value that keeps the operands in a way this form does not follow: a JSX element, a class with captured heritage. */
  | { readonly kind: "opaque"; readonly operands: readonly Operand[] }
  | Call
  | { readonly kind: "await"; readonly operand: Operand }
  | { readonly kind: "yield"; readonly operand: Operand | undefined; readonly delegate: boolean }
  /**
   * The next element of what a `for … of` iterates over; with `rest`, an array of those that an array pattern left. The
   * fixed elements of an array pattern are read by index.
   */
  | { readonly kind: "element"; readonly of: Operand; readonly async: boolean; readonly rest: boolean }
  /** What a `catch` clause binds. */
  | { readonly kind: "caught" };

export interface ObjectField {
  /** Undefined for a computed key. For a spread, `value` is spread. */
  readonly name: string | undefined;
  readonly value: Operand;
  readonly spread: boolean;
  readonly shorthand: boolean;
}

interface StepBase {
  /** The expression or statement part it came from. */
  readonly span: Span;
  /** The innermost statement around it; the expression that is an arrow's body, or a parameter, where that is nearer. */
  readonly statement: Span;
  readonly scope: ScopeId;
}

export type Step =
  /** `to = value`. `declares` is set where this is the initialisation in a declaration. */
  | (StepBase & { readonly kind: "assign"; readonly to: Place; readonly value: Value; readonly declares: boolean })
  /** `place op= value`, `place++`: reads and writes in one, not atomically. `value` is undefined for `++` and `--`. */
  | (StepBase & {
      readonly kind: "update";
      readonly place: Place;
      readonly operator: string;
      readonly value: Operand | undefined;
      readonly result: LocalId;
    })
  | (StepBase & { readonly kind: "delete"; readonly place: Place })
  /** An expression statement whose value nobody takes. `onPurpose`: written `void expression`. */
  | (StepBase & { readonly kind: "discard"; readonly operand: Operand; readonly onPurpose: boolean })
  /** The end of a `using` / `await using` variable's scope: its dispose method is called. */
  | (StepBase & { readonly kind: "dispose"; readonly local: LocalId; readonly async: boolean })
  /**
   * These locals go out of scope, on this path. A handler begins with one for the locals of its `try` block, some of which
   * may not have had a value yet. What a `return` gives back was put in a temporary before.
   */
  | (StepBase & { readonly kind: "end-scope"; readonly locals: readonly LocalId[] });

/** What a branch tests, as far as it narrows a place. */
export type Test =
  | { readonly kind: "truthy"; readonly place: Place; readonly negated: boolean }
  /** `x == null`, `x === undefined`, `x ?? …`, `x?.…`. */
  | { readonly kind: "nullish"; readonly place: Place; readonly negated: boolean }
  | { readonly kind: "other" };

export type Terminator =
  | { readonly kind: "goto"; readonly target: BlockId }
  /** `then` is taken where the test holds. */
  | {
      readonly kind: "branch";
      readonly condition: Operand;
      readonly test: Test;
      readonly then: BlockId;
      readonly else: BlockId;
    }
  /** `implicit`: the end of the function was reached without a `return`. */
  | { readonly kind: "return"; readonly operand: Operand | undefined; readonly span: Span; readonly implicit: boolean }
  /** A `throw` statement. Goes to the block's `unwind`. */
  | { readonly kind: "throw"; readonly operand: Operand; readonly span: Span }
  /** A `finally` that was entered by an exception ends: the exception goes on, to the block's `unwind`. */
  | { readonly kind: "rethrow"; readonly span: Span }
  | { readonly kind: "unreachable" };
