/** Where a module specifier leads, found out from names and paths alone. */
import { posix } from "node:path";
import { remember } from "../memo.js";
import { isDeclarationFile, parentOf, resolvePath } from "../paths.js";
import {
  type Mapping,
  type PackageJson,
  type PathMappings,
  readMappings,
  readPackage,
  readPackageAt,
} from "./config.js";
import type { Disk } from "./disk.js";

export type Target =
  | { readonly kind: "file"; readonly file: string }
  | { readonly kind: "package"; readonly name: string; readonly from: string }
  /** It may lead anywhere. */
  | { readonly kind: "doubt" };

export interface Resolver {
  /** More than one where conditions or path mappings leave a choice; none where it leads nowhere. */
  resolve(specifier: string, from: string): readonly Target[];
  /** The package declares that it needs one of `packages`, so it may hand on what they export. */
  dependsOn(target: { readonly name: string; readonly from: string }, packages: ReadonlySet<string>): boolean;
  forget(): void;
}

export function createResolver(disk: Disk): Resolver {
  const mappings = new Map<string, readonly PathMappings[]>();
  const scopes = new Map<string, { readonly found: PackageJson | undefined }>();
  const installed = new Map<string, { readonly found: PackageJson | undefined }>();

  const scopeOf = (folder: string) => remember(scopes, folder, () => ({ found: readPackage(disk, folder) })).found;
  const findInstalled = (name: string, folder: string) =>
    remember(installed, `${name}\0${folder}`, () => ({ found: locatePackage(disk, name, folder) })).found;

  const files = (path: string): readonly Target[] => {
    const file = candidates(path).find((candidate) => disk.isFile(candidate));
    return file === undefined ? [] : [{ kind: "file", file }];
  };

  const mapped = (specifier: string, folder: string): readonly Target[] =>
    remember(mappings, folder, () => readMappings(disk, folder)).flatMap(({ base, patterns, baseUrl }) => {
      const substituted = patterns.flatMap(({ pattern, targets }) => substitute(specifier, pattern, targets));
      const places = substituted.map((target) => resolvePath(base, target));
      if (baseUrl !== undefined) places.push(resolvePath(baseUrl, specifier));
      return places.flatMap(files);
    });

  /** Through its own name a package reaches whatever it exports: its sources, or what is built of them and may not be there. */
  const itself = ({ name = "", folder, exports }: PackageJson, specifier: string): readonly Target[] => {
    const targets = exportedBy(exports, `.${specifier.slice(name.length)}`);
    const found = targets.map((target) => resolvePath(folder, target)).filter((file) => disk.isFile(file));
    if (found.length === 0 || !found.every(isWritten)) return [{ kind: "doubt" }];
    return found.map((file) => ({ kind: "file", file }));
  };

  const bare = (specifier: string, folder: string): readonly Target[] => {
    const found = mapped(specifier, folder);
    if (found.length > 0) return found;
    const name = packageName(specifier);
    const scope = scopeOf(folder);
    return scope?.name === name ? itself(scope, specifier) : [{ kind: "package", name, from: folder }];
  };

  const hash = (specifier: string, folder: string): readonly Target[] => {
    const scope = scopeOf(folder);
    const targets = scope?.imports.flatMap(({ pattern, targets }) => substitute(specifier, pattern, targets)) ?? [];
    const found = targets.flatMap((target) =>
      target.startsWith(".") ? files(resolvePath(scope?.folder ?? folder, target)) : bare(target, folder),
    );
    return found.length > 0 ? found : mapped(specifier, folder);
  };

  const dependsOn: Resolver["dependsOn"] = ({ name, from }, packages) => {
    const seen = new Set<string>();
    const look = (at: string, folder: string): boolean => {
      const found = findInstalled(at, folder);
      if (!found || seen.has(found.folder)) return false;
      seen.add(found.folder);
      if ([...packages].some((wanted) => found.dependencies.has(wanted))) return true;
      // A workspace's own packages hand on what other ones of the workspace hand on.
      return (
        !found.folder.includes("/node_modules/") && [...found.dependencies].some((next) => look(next, found.folder))
      );
    };
    return look(name, from);
  };

  return {
    resolve(specifier, from) {
      const folder = parentOf(from);
      if (specifier.includes("\\")) return [{ kind: "doubt" }];
      if (/^\.\.?(\/|$)/.test(specifier) || specifier.startsWith("/")) return files(resolvePath(folder, specifier));
      if (specifier.startsWith("#")) return hash(specifier, folder);
      if (/^(https?|data|file):/.test(specifier)) return [];
      return bare(specifier, folder);
    },
    dependsOn,
    forget() {
      mappings.clear();
      scopes.clear();
      installed.clear();
    },
  };
}

/** TypeScript, and not made by it. */
function isWritten(file: string): boolean {
  return /\.[cm]?tsx?$/.test(file) && !isDeclarationFile(file);
}

/** The pattern that is the subpath itself, or else that with most in front of its star, says where the subpath leads. */
function exportedBy(exports: readonly Mapping[], subpath: string): readonly string[] {
  const starts = (pattern: string): number => (pattern === subpath ? Number.POSITIVE_INFINITY : pattern.indexOf("*"));
  const matching = exports.flatMap(({ pattern, targets }) => {
    const matches = substitute(subpath, pattern, [""]).length > 0;
    return matches ? [{ pattern, targets: substitute(subpath, pattern, targets) }] : [];
  });
  return matching.sort((a, b) => starts(b.pattern) - starts(a.pattern))[0]?.targets ?? [];
}

/** `@scope/name/sub/path` → `@scope/name`. */
function packageName(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function locatePackage(disk: Disk, name: string, folder: string): PackageJson | undefined {
  for (let at = folder; ; at = parentOf(at)) {
    const place = `${at === "/" ? "" : at}/node_modules/${name}`;
    if (disk.isFile(`${place}/package.json`)) return readPackageAt(disk, disk.real(place));
    if (parentOf(at) === at) return undefined;
  }
}

/** `@/*` with `src/*` turns `@/a` into `src/a`. */
function substitute(specifier: string, pattern: string, targets: readonly string[]): readonly string[] {
  const star = pattern.indexOf("*");
  if (star < 0) return specifier === pattern ? targets : [];
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  if (specifier.length < head.length + tail.length || !specifier.startsWith(head) || !specifier.endsWith(tail))
    return [];
  const middle = specifier.slice(head.length, specifier.length - tail.length);
  return targets.map((target) => target.replace("*", () => middle));
}

const sources: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx", ".d.ts", ".js", ".jsx"],
  ".jsx": [".tsx", ".d.ts", ".jsx"],
  ".mjs": [".mts", ".d.mts", ".mjs"],
  ".cjs": [".cts", ".d.cts", ".cjs"],
};
const endings = [".ts", ".tsx", ".d.ts", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"];

/** The files that a path without or with an extension may mean, the likeliest first. */
function candidates(path: string): readonly string[] {
  const extension = posix.extname(path);
  const stem = path.slice(0, path.length - extension.length);
  return [
    ...(sources[extension] ?? []).map((ending) => stem + ending),
    // The types of what is in a JSON file are taken from it.
    ...(endings.includes(extension) || extension === ".json" ? [path] : []),
    ...endings.map((ending) => path + ending),
    ...endings.map((ending) => `${path}/index${ending}`),
  ];
}
