/**
 * The shape of what the analyser says: plain data, the same for the editor, the terminal and CI.
 *
 * Offsets are UTF-16 code units from the start of the file's text, as in ECMAScript strings and in TypeScript.
 */

/** A half-open range `[start, end)` of UTF-16 code units in one file. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** A span in a named file. `file` is an absolute path with forward slashes. */
export interface Location extends Span {
  readonly file: string;
}

/** Certain bugs are errors, probable ones warnings, advice is a hint. */
export type Severity = "error" | "warning" | "info" | "hint";

/** A secondary span with its label, such as "moved into this thread here". */
export interface Label extends Location {
  readonly message: string;
}

/** One replacement in one file. An insertion has `start === end`. */
export interface TextEdit extends Location {
  readonly newText: string;
}

/** A change that repairs one diagnostic. Its edits apply together or not at all, and do not overlap. */
export interface Fix {
  /** Imperative, as the lightbulb shows it: "Move `v` into the thread". */
  readonly title: string;
  /** The first preferred fix is what *fix all* and `--fix` apply. A fix that may change what the program means is not. */
  readonly preferred: boolean;
  readonly edits: readonly TextEdit[];
}

/** One finding, in rustc's shape: headline, primary span with a label, secondary spans, notes, help. */
export interface Diagnostic {
  readonly rule: string;
  readonly severity: Severity;
  /** One sentence without a full stop that names the variable. Names of code stand in backticks. */
  readonly message: string;
  readonly location: Location;
  /** What the caret line says below the primary span. */
  readonly label: string;
  readonly related: readonly Label[];
  /** Why it is wrong. */
  readonly notes: readonly string[];
  /** What to do; each is one imperative sentence. */
  readonly help: readonly string[];
  readonly fixes: readonly Fix[];
  /** `unnecessary` fades the span in an editor. */
  readonly tags: readonly ("unnecessary" | "deprecated")[];
}
