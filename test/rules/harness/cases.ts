/** Reads test cases out of Markdown: see `../README.md` for the format. */
import type { Span } from "../../../server/src/analysis/diagnostic.js";

export interface Case {
  readonly name: string;
  /** The line of the heading in the Markdown file, 1-based. */
  readonly line: number;
  readonly files: readonly CaseFile[];
  /** What each named file is after the preferred fixes of all findings were applied. */
  readonly fixed: readonly CaseFile[];
  /** It is the first fix of each finding that is applied, though it is not preferred. */
  readonly offered?: boolean;
}

export interface CaseFile {
  readonly name: string;
  /** Without the marker lines. */
  readonly text: string;
  readonly markers: readonly Marker[];
  /** Does not compile, on purpose. */
  readonly nocompile: boolean;
}

/** What a marker line says: exactly this rule reports exactly this span, and its message contains this text. */
export interface Marker {
  readonly rule: string;
  readonly message: string;
  /** A finding that ends on a later line is marked up to the end of its first line. */
  readonly span: Span;
}

interface CodeBlock {
  readonly language: string;
  readonly info: readonly string[];
  readonly text: string;
}

const languages = new Set(["ts", "tsx", "js", "jsx", "mts", "cts", "mjs", "cjs"]);

/** The cases of a Markdown text: one for each `##` heading that has code below it. */
export function parseCases(markdown: string): readonly Case[] {
  const cases: Case[] = [];
  for (const section of sections(markdown)) {
    const blocks = codeBlocks(section.lines).filter((block) => languages.has(block.language));
    if (blocks.length === 0) continue;
    const toFile = (block: CodeBlock): CaseFile => caseFile(block, section.name);
    const fixed = blocks.filter((block) => block.info.includes("fixed")).map(toFile);
    const files = blocks.filter((block) => !block.info.includes("fixed")).map(toFile);
    const offered = blocks.some(({ info }) => info.includes("offered"));
    cases.push({ name: section.name, line: section.line, files, fixed, offered });
  }
  const names = new Set<string>();
  for (const { name } of cases) {
    if (names.has(name)) throw new Error(`Two cases are named "${name}"`);
    names.add(name);
  }
  return cases;
}

interface Section {
  readonly name: string;
  readonly line: number;
  readonly lines: readonly string[];
}

function sections(markdown: string): readonly Section[] {
  const found: { name: string; line: number; lines: string[] }[] = [];
  let inCode = false;
  for (const [index, line] of markdown.split("\n").entries()) {
    if (line.startsWith("```")) inCode = !inCode;
    const heading = inCode ? null : /^##+ (.+)$/.exec(line);
    if (heading?.[1] !== undefined) found.push({ name: heading[1].trim(), line: index + 1, lines: [] });
    else found.at(-1)?.lines.push(line);
  }
  return found;
}

function codeBlocks(lines: readonly string[]): readonly CodeBlock[] {
  const blocks: CodeBlock[] = [];
  let open: { language: string; info: readonly string[]; lines: string[] } | undefined;
  for (const line of lines) {
    if (!line.startsWith("```")) {
      open?.lines.push(line);
    } else if (open === undefined) {
      const [language = "", ...info] = line.slice(3).trim().split(/\s+/);
      open = { language, info, lines: [] };
    } else {
      blocks.push({ language: open.language, info: open.info, text: `${open.lines.join("\n")}\n` });
      open = undefined;
    }
  }
  if (open !== undefined) throw new Error("A code block is not closed");
  return blocks;
}

function caseFile(block: CodeBlock, caseName: string): CaseFile {
  const file = block.info.find((word) => word.startsWith("file="))?.slice("file=".length);
  const name = file ?? `main.${block.language}`;
  return { name, nocompile: block.info.includes("nocompile"), ...splitMarkers(block.text, caseName) };
}

const markerLine = /^\s*\/\/(?:<(\d*) )?\s*(\^+) ([\w-]+): (.*)$/;

/**
 * Takes the marker lines out of `text`.
 *
 * @throws Error for a line that looks like a marker and is none, and for carets that reach behind the end of the line.
 */
export function splitMarkers(text: string, caseName: string): Pick<CaseFile, "text" | "markers"> {
  const kept: string[] = [];
  const markers: Marker[] = [];
  let offset = 0;
  for (const line of text.split("\n")) {
    const marker = markerLine.exec(line);
    if (marker === null) {
      if (/^\s*\/\/.*\^\^/.test(line)) throw new Error(`Not a marker, in "${caseName}": ${line}`);
      kept.push(line);
      offset += line.length + 1;
      continue;
    }
    const above = kept.at(-1) ?? "";
    const [, shifted, carets = "", rule = "", message = ""] = marker;
    const column = shifted === undefined ? line.indexOf("^") : Number(shifted || 0);
    if (column + carets.length > above.length)
      throw new Error(`Carets reach behind the line, in "${caseName}": ${line}`);
    const start = offset - above.length - 1 + column;
    markers.push({ rule, message: message.trim(), span: { start, end: start + carets.length } });
  }
  return { text: kept.join("\n"), markers };
}
