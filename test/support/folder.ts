/** Real folders for tests that need a disk. */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface Folder {
  /** Absolute, with forward slashes. */
  readonly root: string;
  path(relative: string): string;
  /** Writes a file, and the folders it is in. */
  write(relative: string, content: string | Uint8Array): string;
  remove(): void;
}

/** A new temporary folder with these files. Remove it when done. */
export function makeFolder(files: Readonly<Record<string, string | Uint8Array>> = {}): Folder {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "fearless-threads-test-"))).replaceAll("\\", "/");
  const path = (relative: string) => `${root}/${relative}`;
  const write = (relative: string, content: string | Uint8Array) => {
    mkdirSync(dirname(path(relative)), { recursive: true });
    writeFileSync(path(relative), content);
    return path(relative);
  };
  for (const [relative, content] of Object.entries(files)) write(relative, content);
  return { root, path, write, remove: () => rmSync(root, { recursive: true, force: true }) };
}
