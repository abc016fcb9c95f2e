/**
 * Names everything outside of a file's imports that has a say in its findings: how the compiler is configured, what is
 * declared for all files, which packages are there without being imported.
 */
import { readdirSync } from "node:fs";
import { dirname, isAbsolute, join } from "node:path";
import type { ImportGraph } from "../../checker/import-graph.js";
import { type JsonValue, parseJson } from "../../config/json-text.js";
import { toSlashes } from "../../render/paths.js";
import { hash } from "./hash.js";
import { type Packages, stamp, textOf } from "./packages.js";

export interface Environments {
  /** What counts for every file of a folder. */
  digest(folder: string): string;
  /** All texts of the project that a folder belongs to. */
  project(folder: string): string;
}

/** What can be part of a program. */
const sourceFile = /\.(?:[cm]?[jt]s|[jt]sx)$/;
const declarationFile = /\.d\.(?:[cm]?ts|[^./]+\.ts)$/;

const configNames = ["tsconfig.json", "jsconfig.json"];
/**
 * What package managers write about what they installed. It is their text that counts: they write it again where they
 * found everything in place.
 */
const installRecords = [
  "node_modules/.package-lock.json",
  "node_modules/.yarn-state.yml",
  "node_modules/.yarn-integrity",
  "node_modules/.modules.yaml",
  ".pnp.cjs",
];

export function createEnvironments(imports: Pick<ImportGraph, "text">, packages: Packages): Environments {
  const digests = new Map<string, string>();
  const projects = new Map<string, { readonly ambient: string; readonly all: string }>();

  const projectOf = (folder: string): { readonly ambient: string; readonly all: string } => {
    const { roots } = readConfigs(folder);
    const key = roots.join("\0");
    const known = projects.get(key) ?? readProject(roots, imports);
    projects.set(key, known);
    return known;
  };

  const compute = (folder: string): string => {
    const { texts, types } = readConfigs(folder);
    const parts = [...texts, projectOf(folder).ambient];
    for (const at of upwards(folder)) {
      parts.push(textOf(join(at, "package.json")) ?? "");
      parts.push(...installRecords.map((name) => textOf(join(at, name)) ?? ""));
      parts.push(packages.ambient(join(at, "node_modules", "@types")));
    }
    parts.push(...types.map((name) => packages.digest(name, folder)));
    return hash(parts);
  };

  return {
    digest(folder) {
      const known = digests.get(folder) ?? compute(folder);
      digests.set(folder, known);
      return known;
    },
    project: (folder) => projectOf(folder).all,
  };
}

/** The folder, and all that it lies in. */
export function upwards(folder: string): readonly string[] {
  const folders = [folder];
  for (let at = folder; dirname(at) !== at; at = dirname(at)) folders.push(dirname(at));
  return folders;
}

interface ConfigFiles {
  /** The config that counts, what it extends and what it refers to, each with its path. */
  readonly texts: readonly string[];
  /** Folders that the files of the program lie in. */
  readonly roots: readonly string[];
  /** Packages that are there without being imported. */
  readonly types: readonly string[];
}

function readConfigs(folder: string): ConfigFiles {
  const nearest = upwards(folder)
    .flatMap((at) => configNames.map((name) => join(at, name)))
    .find((path) => stamp(path) !== undefined);
  const texts: string[] = [];
  const roots = new Set([nearest === undefined ? folder : dirname(nearest)]);
  const types = new Set<string>();
  const met = new Set<string>();
  const waiting = nearest === undefined ? [] : [nearest];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (met.has(path)) continue;
    met.add(path);
    const text = textOf(path);
    texts.push(path, text ?? "\0missing");
    if (text === undefined) continue;
    const config = parse(text);
    const at = dirname(path);
    for (const name of stringsAt(config, "extends")) waiting.push(...extendedFrom(name, at));
    for (const name of stringsAt(config, "references", "path")) waiting.push(...referencedFrom(name, at));
    for (const name of stringsAt(config, "compilerOptions", "types")) types.add(name);
    for (const pattern of [...stringsAt(config, "include"), ...stringsAt(config, "files")])
      roots.add(baseOf(pattern, at));
    for (const name of stringsAt(config, "compilerOptions", "typeRoots")) roots.add(join(at, name));
  }
  return { texts, roots: withoutNested([...roots]), types: [...types].sort() };
}

/** Only the outermost: the others are walked with them. */
function withoutNested(roots: readonly string[]): readonly string[] {
  return roots.filter((root) => !roots.some((other) => root.startsWith(join(other, "/")))).sort();
}

/** The folder that a pattern's matches lie below: `src` of `src/a*.ts`, and the config's own where it begins with a star. */
function baseOf(pattern: string, folder: string): string {
  const fixed = /^[^*?{[]*/.exec(pattern)?.[0] ?? "";
  const isPattern = fixed !== pattern;
  const start = isPattern ? fixed.slice(0, fixed.lastIndexOf("/") + 1) : fixed;
  const path = (isAbsolute(start) ? start : join(folder, start)).replace(/(?<=.)[\\/]$/, "");
  return !isPattern && sourceFile.test(path) ? dirname(path) : path;
}

function extendedFrom(name: string, folder: string): readonly string[] {
  const bases = /^(\.|\/|[A-Za-z]:)/.test(name)
    ? [isAbsolute(name) ? name : join(folder, name)]
    : upwards(folder).map((at) => join(at, "node_modules", name));
  // The first that exists counts; naming all of them also notices one that comes to be.
  return bases.flatMap((base) => [base, `${base}.json`, join(base, "tsconfig.json")]);
}

function referencedFrom(name: string, folder: string): readonly string[] {
  const base = isAbsolute(name) ? name : join(folder, name);
  return [base, join(base, "tsconfig.json")];
}

function parse(text: string): JsonValue | undefined {
  try {
    return parseJson(text);
  } catch {
    return undefined;
  }
}

/** The strings below a chain of names, in lists and out of them. */
function stringsAt(value: JsonValue | undefined, ...names: readonly string[]): readonly string[] {
  if (value === undefined) return [];
  if (value.kind === "array") return value.elements.flatMap((element) => stringsAt(element, ...names));
  const [name, ...rest] = names;
  if (name === undefined) return value.kind === "scalar" && typeof value.value === "string" ? [value.value] : [];
  if (value.kind !== "object") return [];
  return value.members.filter(({ key }) => key === name).flatMap((member) => stringsAt(member.value, ...rest));
}

function readProject(
  roots: readonly string[],
  imports: Pick<ImportGraph, "text">,
): { readonly ambient: string; readonly all: string } {
  const ambient: string[] = [];
  const all: string[] = [];
  const waiting = [...roots];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = toSlashes(join(folder, entry.name));
      if (entry.isDirectory()) {
        if (entry.name !== "node_modules" && !entry.name.startsWith(".")) waiting.push(path);
      } else if (sourceFile.test(entry.name)) {
        const text = imports.text(path) ?? "";
        const digest = hash([text]);
        all.push(path, digest);
        if (declarationFile.test(entry.name) || speaksToAll(text)) ambient.push(path, digest);
      }
    }
  }
  return { ambient: hash(ambient), all: hash(all) };
}

function entriesOf(folder: string): ReturnType<typeof readEntries> {
  try {
    return readEntries(folder);
  } catch {
    return [];
  }
}

function readEntries(folder: string) {
  return readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Declarations of a script, and those in `declare global` or `declare module`, count in files that do not import it. */
function speaksToAll(text: string): boolean {
  return !/^\s*(?:import|export)\b/m.test(text) || /\bdeclare\s+(?:global|module)\b/.test(text);
}
