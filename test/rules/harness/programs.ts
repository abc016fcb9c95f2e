/**
 * Programs in Markdown: what is said to be found in them is found, their fixes make what stands below them, and they print
 * on real workers what is said that they print.
 *
 * ` ```ts fixed by hand ` is a program that no fix makes of the bad one above it. The language can be `js` too.
 *
 * A ` ```text ` block right below a ` ```ts bad ` or ` ```ts fixed ` block is what that program prints, on both streams; `…`
 * stands for any text.
 */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { transform } from "esbuild";
import type { Rule } from "../../../server/src/analysis/rules/rule.js";
import { splitMarkers } from "./cases.js";
import { checkCase } from "./run.js";

const run = promisify(execFile);

interface Program {
  readonly kind: "bad" | "fixed" | "fixed by hand";
  readonly language: "ts" | "js";
  readonly line: number;
  readonly text: string;
  /** What it prints; undefined where the page does not say. */
  readonly prints: string | undefined;
}

const block = /^```(.*)\n([\s\S]*?)^```$/gm;

function programsOf(markdown: string): readonly Program[] {
  const programs: Program[] = [];
  for (const { 1: info = "", 2: text = "", index } of markdown.matchAll(block)) {
    const [, language, kind] = /^(ts|js) (bad|fixed|fixed by hand)$/.exec(info.trim()) ?? [];
    const line = markdown.slice(0, index).split("\n").length;
    const last = programs.at(-1);
    if (isKind(kind) && (language === "ts" || language === "js")) {
      programs.push({ kind, language, line, text, prints: undefined });
    } else if (
      info.trim() === "text" &&
      last !== undefined &&
      last.prints === undefined &&
      follows(markdown, last, index)
    ) {
      programs[programs.length - 1] = { ...last, prints: text };
    }
  }
  return programs;
}

function isKind(text: string | undefined): text is Program["kind"] {
  return text === "bad" || text === "fixed" || text === "fixed by hand";
}

/** Whether nothing but blank lines stands between a program's block and the offset. */
function follows(markdown: string, program: Program, offset: number): boolean {
  const between = markdown.split("\n").slice(program.line, markdown.slice(0, offset).split("\n").length - 1);
  const end = between.indexOf("```");
  return end >= 0 && between.slice(end + 1).every((line) => line.trim() === "");
}

const folder = fileURLToPath(new URL("../../.cache/programs/", import.meta.url));

/** Runs a program on real workers, and returns what it printed. */
async function output(name: string, { text, language }: Program): Promise<string> {
  const at = `${folder}${name}/`;
  mkdirSync(at, { recursive: true });
  const options = {
    loader: language,
    format: "esm",
    target: "node20.19",
    sourcefile: `main.${language}`,
    sourcemap: "inline",
  } as const;
  const { code } = await transform(text, options);
  writeFileSync(`${at}main.mjs`, code);
  const { stdout, stderr } = await run(process.execPath, ["--enable-source-maps", "main.mjs"], {
    cwd: at,
    timeout: 60_000,
  });
  return stderr + stdout;
}

/** Whether the lines fit, each in its place. */
function fits(printed: string, expected: string): boolean {
  const pattern = expected
    .trimEnd()
    .split("…")
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"))
    .join("[^\\n]*");
  return new RegExp(`^${pattern}$`).test(printed.trimEnd());
}

/** Describes the tests of the programs in a Markdown file. */
export function runPrograms(
  markdown: URL,
  { name: page, rules }: { readonly name: string; readonly rules: readonly Rule[] },
): void {
  const programs = existsSync(markdown) ? programsOf(readFileSync(markdown, "utf8")) : [];

  before(() => rmSync(`${folder}${page}`, { recursive: true, force: true }));

  it("shows at least one bad program and one that is fixed, and what each prints", () => {
    for (const kind of ["bad", "fixed"]) {
      assert.ok(
        programs.some((program) => program.kind.startsWith(kind) && program.prints !== undefined),
        kind,
      );
    }
  });

  for (const [index, program] of programs.entries()) {
    const { kind, language, line, text, prints } = program;
    const name = `main.${language}`;
    const next = programs[index + 1];
    it(`line ${line}: the ${kind} program has the findings that it says, and none other`, async () => {
      const file = { name, ...splitMarkers(text, `line ${line}`), nocompile: false };
      assert.equal(file.markers.length > 0, kind === "bad", "only a bad program has markers, and it has some");
      const fixed =
        kind === "bad" && next?.kind === "fixed" ? [{ name, text: next.text, markers: [], nocompile: false }] : [];
      await checkCase({ name: `line ${line}`, line, files: [file], fixed }, { rules });
    });
    if (prints === undefined) continue;
    it(`line ${line}: the ${kind} program prints that on real workers`, async () => {
      const printed = await output(`${page}/${line}`, program);
      assert.ok(fits(printed, prints), `printed:\n${printed}\nin place of:\n${prints}`);
    }).timeout(60_000);
  }
}
