/** The base types of classes, which cost several round trips and hardly ever change. */
import type { SymbolKey } from "../../analysis/program/program.js";
import { isDeclarationFile, sameFile } from "../paths.js";

export interface BasesCache {
  /** @param from The file that is asked about. */
  get(declaration: Declaration, from: string): readonly SymbolKey[] | undefined;
  set(declaration: Declaration, from: string, bases: readonly SymbolKey[]): void;
  /** These files have changed. */
  changed(files: readonly string[]): void;
  clear(): void;
}

interface Declaration {
  readonly path: string;
  readonly index: number;
}

export function createBasesCache(): BasesCache {
  const ofDeclarationFiles = new Map<string, readonly SymbolKey[]>();
  /** Of the project's own classes: right for as long as nothing but `asked` is edited, as when somebody types in it. */
  const own = new Map<string, readonly SymbolKey[]>();
  let asked = "";

  const place = ({ path }: Declaration, from: string): Map<string, readonly SymbolKey[]> | undefined => {
    if (isDeclarationFile(path)) return ofDeclarationFiles;
    if (from !== asked) own.clear();
    asked = from;
    return sameFile(path, from) ? undefined : own;
  };
  const id = ({ path, index }: Declaration) => `${path}#${index}`;

  return {
    get: (declaration, from) => place(declaration, from)?.get(id(declaration)),
    set(declaration, from, bases) {
      if (!bases.some(({ file }) => sameFile(file, from))) place(declaration, from)?.set(id(declaration), bases);
    },
    changed(files) {
      if (files.some((file) => file !== asked)) own.clear();
    },
    clear() {
      ofDeclarationFiles.clear();
      own.clear();
    },
  };
}
