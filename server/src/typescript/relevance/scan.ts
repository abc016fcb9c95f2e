/** What a text imports, without parsing it. */
import { scanWorkerFiles } from "./scan-workers.js";

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

/** What is taken from a module: names as it exports them, or possibly all of them. */
export interface ScannedImport {
  readonly specifier: string;
  readonly names: readonly string[] | "all";
}

/**
 * Finds all imports, and sometimes one that is only written in a string or behind code in a comment: that makes a
 * file relevant that is not, and no file irrelevant that is. Lines that are nothing but comment are left out.
 */
export function scanImports(text: string): readonly ScannedImport[] {
  const found = new Map<string, readonly string[] | "all">();
  for (const match of text.matchAll(specifier)) {
    const [whole, , name] = match;
    if (name === undefined) continue;
    const reference = whole.startsWith("<");
    if (!reference && isCommented(text, match.index)) continue;
    const path = reference && whole.includes("path") && !name.startsWith(".") ? `./${name}` : name;
    const [before, names] = [found.get(path) ?? [], namesAt(text, match.index, whole)];
    found.set(path, before === "all" || names === "all" ? "all" : [...new Set([...before, ...names])]);
  }
  for (const path of scanWorkerFiles(text)) if (!found.has(path)) found.set(path, []);
  return [...found].map(([path, names]) => ({ specifier: path, names }));
}

function isCommented(text: string, index: number): boolean {
  const before = text.slice(text.lastIndexOf("\n", index - 1) + 1, index);
  return /^\s*(\/\/|\*\s)/.test(before) && !before.includes("*/");
}

/** `a`, `a as b`, `type a`; names that are strings, and whatever else there may be, are anything. */
const listedName =
  /^(?:type\s+)?([\p{ID_Start}$_][\p{ID_Continue}$]*)(?:\s+as\s+[\p{ID_Start}$_][\p{ID_Continue}$]*)?$/u;
/** `import d, { a, b as c } from`, each part optional. */
const clause =
  /^(?:import|export)\s*(?:\btype\b)?\s*([\p{ID_Start}$_][\p{ID_Continue}$]*)?\s*,?\s*(?:\{([^{}]*)\})?\s*$/u;

/** The names that the declaration whose specifier was found at `index` takes in. */
function namesAt(text: string, index: number, found: string): ScannedImport["names"] {
  // For its effects alone.
  if (/^import\s*["']/.test(found)) return [];
  if (!found.startsWith("from")) return "all";
  const start = Math.max(text.lastIndexOf("import", index - 1), text.lastIndexOf("export", index - 1));
  const parts = start < 0 ? null : clause.exec(text.slice(start, index).replace(comments, " "));
  if (parts === null) return "all";
  const [, own, list] = parts;
  // A default import can be named `type`.
  if (own === undefined && list === undefined) return "all";
  const names = (list ?? "").split(",").map((name) => name.trim());
  const taken = own === undefined ? [] : ["default"];
  for (const name of names) {
    if (name === "") continue;
    const [, exported] = listedName.exec(name) ?? [];
    if (exported === undefined) return "all";
    taken.push(exported);
  }
  return taken;
}

const comments = /\/\*(?:[^*]|\*(?!\/))*\*\/|\/\/[^\n]*/g;
