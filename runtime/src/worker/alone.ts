// Most closures need nothing but their parameters and globals. Where the text of one may need more, the thread first gets
// the rest of the library, which has what compilers and bundlers put beside closures.

/** Helpers by their names, what is only there in a CommonJS module, and Node's own `using`. */
const surroundings = /(?<![\w$.])(?:__?[A-Za-z]|tslib|templateObject_|require\b)|\busing\s/;
/** What a bundler makes of an import of what it has bundled. */
const bundledImport = /\bPromise\.resolve\(\)\.then\(/;
/** A function that the closure calls, or a tag, by a name that is not a member's. */
const calls = /(?<![\w$.])(?!(?:if|for|while|switch|catch|function)\b)[\w$]+\s*(?:\(|`|\.call\()/;

/** Whether a closure's text plainly needs nothing that stood around it where it was written. */
export function standsAlone(source: string): boolean {
  return !(surroundings.test(source) || bundledImport.test(source) || (looksMinified(source) && calls.test(source)));
}

/** A minifier leaves out every blank that it can, and gives helpers new names. */
export function looksMinified(text: string): boolean {
  return !/=> |\) \{| = /.test(text);
}
