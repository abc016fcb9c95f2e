/** What TypeScript calls a file in an import, and what the file may be called on disk. */
import { existsSync } from "node:fs";
import { extname } from "node:path";

const spellings: Readonly<Record<string, readonly string[]>> = {
  ".js": [".ts", ".tsx"],
  ".jsx": [".tsx"],
  ".mjs": [".mts"],
  ".cjs": [".cts"],
  "": [".ts", ".tsx", ".js", ".jsx", "/index.ts", "/index.tsx", "/index.js"],
};

/** The file that is there for one that is not. */
export function spelledOtherwise(path: string): string | undefined {
  const extension = extname(path);
  const bare = extension in spellings ? path.slice(0, path.length - extension.length) : path;
  const endings = spellings[extension] ?? spellings[""] ?? [];
  return endings.map((ending) => bare + ending).find((candidate) => existsSync(candidate));
}
