/** The module specifiers of a text, without parsing it. */

// Each alternative is told from the others by its first characters and ends in one place only: otherwise many comments
// in a row could be divided in exponentially many ways.
const gap = String.raw`(?:\s|/\*(?:[^*]|\*(?!/))*\*/|//[^\n]*\n)*`;
const quoted = String.raw`(["'\u0060])([^"'\u0060\n]+)\1`;
/**
 * `import "x"`, `from "x"`, `import("x")`, `require("x")`, `new URL("./x", …)` as workers are started, and
 * `<reference types="x" />`, comments between included.
 */
const specifier = new RegExp(
  String.raw`(?:\b(?:from|import|require)\b${gap}(?:\(${gap})?|\bnew\s+URL${gap}\(${gap}(?=.\.)|<reference\s+(?:types|path)\s*=\s*)${quoted}`,
  "g",
);

/**
 * Finds all specifiers, and sometimes one that is only written in a string or behind code in a comment: that makes a
 * file relevant that is not, and no file irrelevant that is. Lines that are nothing but comment are left out.
 */
export function scanSpecifiers(text: string): readonly string[] {
  const found = new Set<string>();
  for (const match of text.matchAll(specifier)) {
    const [whole, , name] = match;
    if (name === undefined) continue;
    const reference = whole.startsWith("<");
    if (!reference && isCommented(text, match.index)) continue;
    found.add(reference && whole.includes("path") && !name.startsWith(".") ? `./${name}` : name);
  }
  return [...found];
}

function isCommented(text: string, index: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", index - 1) + 1, index);
  return /^\s*(\/\/|\*\s)/.test(before) && !before.includes("*/");
}
