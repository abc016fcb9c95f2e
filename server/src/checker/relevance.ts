/** The cheap filter: whether a file has anything to do with threads, from texts alone. */
import { readFile } from "node:fs/promises";

export interface Relevance {
  relevant(file: string, packages: ReadonlySet<string>): Promise<boolean>;
  edit(file: string, text: string): void;
  close(file: string): void;
  diskChanged(): void;
}

export function createRelevance(): Relevance {
  const edited = new Map<string, string>();
  return {
    async relevant(file, packages) {
      const text = edited.get(file) ?? (await readFile(file, "utf8").catch(() => ""));
      return [...packages].some((name) => text.includes(name));
    },
    edit: (file, text) => void edited.set(file, text),
    close: (file) => void edited.delete(file),
    diskChanged: () => {},
  };
}
