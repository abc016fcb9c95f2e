/** Texts by path: those of the open editors, else those on disk, each read once. */
import { readFileSync, realpathSync, statSync } from "node:fs";
import { remember } from "../memo.js";

export interface Disk {
  /** Undefined where there is no such file. */
  read(file: string): string | undefined;
  isFile(file: string): boolean;
  /** The path with symbolic links followed; the path itself where there is nothing. */
  real(path: string): string;
  /** Lays a text over a file. `new`: there was no such file before. */
  overlay(file: string, text: string): "new" | "changed";
  /** Takes the text away again. `gone`: there is no such file now. */
  uncover(file: string): "gone" | "changed";
  forget(files: readonly string[] | undefined): void;
}

export function createDisk(): Disk {
  const overlays = new Map<string, string>();
  const texts = new Map<string, { readonly text: string | undefined }>();
  const files = new Map<string, boolean>();
  const links = new Map<string, string>();

  const isFile = (file: string) => overlays.has(file) || remember(files, file, () => isFileOnDisk(file));

  return {
    read: (file) => overlays.get(file) ?? remember(texts, file, () => ({ text: readOnDisk(file) })).text,
    isFile,
    real: (path) => remember(links, path, () => realOnDisk(path)),
    overlay(file, text) {
      const before = isFile(file);
      overlays.set(file, text);
      return before ? "changed" : "new";
    },
    uncover(file) {
      overlays.delete(file);
      return isFile(file) ? "changed" : "gone";
    },
    forget(changed) {
      if (changed) for (const file of changed) texts.delete(file);
      else texts.clear();
      files.clear();
      links.clear();
    },
  };
}

function readOnDisk(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function isFileOnDisk(file: string): boolean {
  try {
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

function realOnDisk(path: string): string {
  try {
    return realpathSync(path).replaceAll("\\", "/");
  } catch {
    return path;
  }
}
