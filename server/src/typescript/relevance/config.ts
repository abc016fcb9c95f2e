/** The parts of `tsconfig.json` and `package.json` that say where a specifier leads. */
import { parentOf, resolvePath } from "../paths.js";
import type { Disk } from "./disk.js";

/** `paths` of a tsconfig, with the folder its targets are relative to. */
export interface PathMappings {
  readonly base: string;
  readonly patterns: readonly Mapping[];
  /** `baseUrl`, against which any bare specifier may resolve. */
  readonly baseUrl: string | undefined;
}

export interface PackageJson {
  readonly folder: string;
  readonly name: string | undefined;
  readonly dependencies: ReadonlySet<string>;
  /** The targets of `imports`, whatever the condition. */
  readonly imports: readonly Mapping[];
  /** The targets of `exports`, whatever the condition; the pattern of the package itself is `.`. */
  readonly exports: readonly Mapping[];
}

export interface Mapping {
  readonly pattern: string;
  readonly targets: readonly string[];
}

type Json = Readonly<Record<string, unknown>>;

/** Of the nearest tsconfig or jsconfig, what it extends, and the projects it references. */
export function readMappings(disk: Disk, folder: string): readonly PathMappings[] {
  for (let at = folder; ; at = parentOf(at)) {
    for (const name of ["tsconfig.json", "jsconfig.json"]) {
      if (disk.isFile(`${at}/${name}`)) return mappingsOf(disk, `${at}/${name}`, new Set(), "root");
    }
    if (parentOf(at) === at) return [];
  }
}

function mappingsOf(disk: Disk, file: string, seen: Set<string>, role: "root" | "extended"): readonly PathMappings[] {
  if (seen.has(file)) return [];
  seen.add(file);
  const config = readJson(disk, file);
  if (!config) return [];
  const folder = parentOf(file);
  const options = asObject(config.compilerOptions);
  const baseUrl = typeof options.baseUrl === "string" ? resolvePath(folder, options.baseUrl) : undefined;
  const own: PathMappings = { base: baseUrl ?? folder, patterns: patternsOf(asObject(options.paths)), baseUrl };
  const extended = asList(config.extends).map((name) => locateExtended(disk, folder, name));
  // A solution file has no paths itself: they are in the projects that it references.
  const referenced = role === "root" ? asList(config.references, "path").map((path) => resolvePath(folder, path)) : [];
  return [
    own,
    ...extended.flatMap((path) => (path ? mappingsOf(disk, path, seen, "extended") : [])),
    ...referenced.flatMap((path) => {
      const target = disk.isFile(path) ? path : `${path}/tsconfig.json`;
      return mappingsOf(disk, target, seen, "extended");
    }),
  ];
}

function locateExtended(disk: Disk, folder: string, name: string): string | undefined {
  const candidates: string[] = [];
  if (isPath(name)) candidates.push(resolvePath(folder, name));
  else
    for (let at = folder; ; at = parentOf(at)) {
      candidates.push(`${at}/node_modules/${name}`);
      if (parentOf(at) === at) break;
    }
  const endings = ["", ".json", "/tsconfig.json"];
  return candidates.flatMap((path) => endings.map((ending) => path + ending)).find((path) => disk.isFile(path));
}

/** The nearest `package.json`, as Node finds a file's package scope. */
export function readPackage(disk: Disk, folder: string): PackageJson | undefined {
  for (let at = folder; !at.endsWith("/node_modules"); at = parentOf(at)) {
    const found = readPackageAt(disk, at);
    if (found) return found;
    if (parentOf(at) === at) break;
  }
  return undefined;
}

export function readPackageAt(disk: Disk, folder: string): PackageJson | undefined {
  const json = readJson(disk, `${folder}/package.json`);
  if (!json) return undefined;
  const names = ["dependencies", "peerDependencies", "optionalDependencies"].flatMap((key) =>
    Object.keys(asObject(json[key])),
  );
  return {
    folder,
    name: typeof json.name === "string" ? json.name : undefined,
    dependencies: new Set(names),
    imports: patternsOf(asObject(json.imports)),
    exports: patternsOf(subpaths(json.exports)),
  };
}

/** Without subpaths, `exports` is what `"."` would be (https://nodejs.org/api/packages.html#exports-sugar). */
function subpaths(exports: unknown): Json {
  const entries = asObject(exports);
  return Object.keys(entries).some((key) => key.startsWith(".")) ? entries : { ".": exports };
}

function patternsOf(paths: Json): readonly Mapping[] {
  return Object.entries(paths).map(([pattern, targets]) => ({ pattern, targets: leaves(targets) }));
}

/** All strings in a value of arrays and conditions. */
function leaves(value: unknown): readonly string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(leaves) : [];
}

function asObject(value: unknown): Json {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function asList(value: unknown, field?: string): readonly string[] {
  const list = Array.isArray(value) ? value : [value];
  const entries: readonly unknown[] = field === undefined ? list : list.map((entry) => asObject(entry)[field]);
  return entries.filter((entry) => typeof entry === "string");
}

/** JSON with comments and trailing commas, as a tsconfig may be written. */
function readJson(disk: Disk, file: string): Json | undefined {
  const text = disk.read(file);
  if (text === undefined) return undefined;
  const plain = text
    .replace(/^\uFEFF/, "")
    .replace(/("(?:[^"\\\n]|\\.)*")|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, "$1")
    .replace(/("(?:[^"\\\n]|\\.)*")|,(?=\s*[}\]])/g, "$1");
  try {
    return asObject(JSON.parse(plain));
  } catch {
    return undefined;
  }
}

function isPath(name: string): boolean {
  return /^(\.|\/|[A-Za-z]:)/.test(name);
}
