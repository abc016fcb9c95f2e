/** Which npm package a file belongs to. */
import { readFileSync } from "node:fs";
import { isDeclarationFile, parentOf, sameFile } from "../paths.js";

/** The folder of a `package.json` that has a name, and that name. */
export interface PackageScope {
  readonly root: string;
  readonly name: string;
}

export interface Packages {
  /**
   * The package that declares `file`, as the file `from` sees it; undefined for the project's own code.
   *
   * The compiler answers with real paths, so a workspace package that is symlinked into `node_modules` is found where
   * it really is, and the path alone says nothing. It is a package when
   * - it belongs to the default library (`"typescript"`);
   * - it is a declaration file: hand-written ones of the project itself have nothing to analyse either; or
   * - it is in another package's folder than `from`, as when references lead to a sibling workspace's source.
   */
  packageOf(file: string, from: string): string | undefined;
  /** What is the same for all files to which the same files are packages: the folder of their own. */
  homeOf(file: string): string;
  /** Forgets what was read, after a `package.json` changed. */
  clear(): void;
}

/** @param libraryFolder Where the compiler keeps its `lib.*.d.ts`. */
export function createPackages(libraryFolder: () => string): Packages {
  let found: string | undefined;
  const library = () => {
    found ??= libraryFolder();
    return found;
  };
  const scopes = new Map<string, PackageScope | undefined>();

  const scopeOf = (folder: string): PackageScope | undefined => {
    const known = scopes.get(folder);
    if (known || scopes.has(folder)) return known;
    const parent = parentOf(folder);
    const name = readPackageName(`${folder}/package.json`);
    const above = parent === folder || folder.endsWith("/node_modules") ? undefined : () => scopeOf(parent);
    const scope = name === undefined ? above?.() : { root: folder, name };
    scopes.set(folder, scope);
    return scope;
  };

  return {
    packageOf(file, from) {
      const folder = parentOf(file);
      if (sameFile(folder, library()) || file.startsWith("bundled:")) return "typescript";
      const scope = scopeOf(folder);
      if (isDeclarationFile(file)) return scope?.name;
      return scope && scope.root !== scopeOf(parentOf(from))?.root ? scope.name : undefined;
    },
    homeOf: (file) => scopeOf(parentOf(file))?.root ?? "",
    clear: () => scopes.clear(),
  };
}

/** Undefined where there is no such file, or it has no name, as the `{ "type": "commonjs" }` inside a `dist/cjs`. */
function readPackageName(file: string): string | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, "utf8").replace(/^\uFEFF/, ""));
    if (typeof content !== "object" || content === null || !("name" in content)) return undefined;
    return typeof content.name === "string" && content.name !== "" ? content.name : undefined;
  } catch {
    return undefined;
  }
}
