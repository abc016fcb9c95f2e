/** Names what an installed package declares, and what it depends on, by one hash. */
import { readdirSync, readFileSync, realpathSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { hash } from "./hash.js";

/** What types can come from. In a package that is linked into the project, its sources, too. */
const declarations = /\.d\.(?:[cm]?ts|[^./]+\.ts)$/;
const sources = /\.(?:[cm]?[jt]sx?|json)$/;

export interface Packages {
  /** A package as `from`, a folder, finds it. One that is not installed has a name, too. */
  digest(name: string, from: string): string;
  /** What is in a folder of packages that a program can use without importing it. */
  ambient(folder: string): string;
}

export function createPackages(): Packages {
  const found = new Map<string, string | undefined>();
  const own = new Map<string, { readonly digest: string; readonly dependencies: readonly string[] }>();

  const locate = (name: string, from: string): string | undefined => {
    const key = `${name}\0${from}`;
    if (!found.has(key)) found.set(key, installedAt(name, from));
    return found.get(key);
  };

  const read = (folder: string): { readonly digest: string; readonly dependencies: readonly string[] } => {
    const known = own.get(folder) ?? readPackage(folder);
    own.set(folder, known);
    return known;
  };

  return {
    digest(name, from) {
      const parts: string[] = [];
      const met = new Set<string>();
      const waiting: (readonly [string, string])[] = [[name, from]];
      for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
        const folder = locate(...next);
        parts.push(next[0], folder ?? "\0missing");
        if (folder === undefined || met.has(folder)) continue;
        met.add(folder);
        const { digest, dependencies } = read(folder);
        parts.push(digest);
        for (const dependency of dependencies) waiting.push([dependency, folder]);
      }
      return hash(parts);
    },
    ambient: (folder) => hash(entriesOf(folder).flatMap((name) => [name, read(real(join(folder, name))).digest])),
  };
}

function installedAt(name: string, from: string): string | undefined {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    if (stamp(join(folder, "package.json")) !== undefined) return real(folder);
    if (dirname(at) === at) return undefined;
  }
}

function readPackage(folder: string): { readonly digest: string; readonly dependencies: readonly string[] } {
  const manifest = textOf(join(folder, "package.json"));
  const linked = !folder.split(/[\\/]/).includes("node_modules");
  return {
    digest: hash([manifest ?? "", ...walk(folder, linked ? sources : declarations)]),
    dependencies: dependenciesOf(manifest),
  };
}

function dependenciesOf(manifest: string | undefined): readonly string[] {
  try {
    const json = JSON.parse(manifest ?? "{}") as Readonly<Record<string, unknown>>;
    const kinds = ["dependencies", "peerDependencies", "optionalDependencies"];
    return kinds.flatMap((kind) => Object.keys((json[kind] ?? {}) as object)).sort();
  } catch {
    return [];
  }
}

/** The names, sizes and times of the files below a folder. */
function walk(root: string, wanted: RegExp): readonly string[] {
  const stamps: string[] = [];
  const waiting = [root];
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const name of entriesOf(folder)) {
      if (name === "node_modules" || name.startsWith(".")) continue;
      const path = join(folder, name);
      if (wanted.test(name)) stamps.push(path, stamp(path) ?? "");
      else if (!name.includes(".") || isFolder(path)) waiting.push(path);
    }
  }
  return stamps;
}

function entriesOf(folder: string): readonly string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** Undefined where there is nothing. A file that was replaced by another one of the same size has another time. */
export function stamp(path: string): string | undefined {
  try {
    const { size, mtimeMs } = statSync(path);
    return `${size} ${mtimeMs}`;
  } catch {
    return undefined;
  }
}

export function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
