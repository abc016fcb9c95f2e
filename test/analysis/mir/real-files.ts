/** Source files that nobody wrote for these tests: those of the packages this repository depends on. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const modules = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const sources = /(?<!\.d)\.(ts|tsx|mts|cts|js|jsx|mjs|cjs)$/;
const largest = 300_000;

export interface RealFile {
  readonly name: string;
  readonly text: string;
}

/** Up to `perPackage` files of each installed package, and `.d.ts` files left out. Always the same ones. */
export function realFiles(perPackage: number): readonly RealFile[] {
  return packages().flatMap((folder) => {
    const found: RealFile[] = [];
    collect(join(modules, folder), folder, perPackage, found);
    return found;
  });
}

function packages(): readonly string[] {
  return readdirSync(modules)
    .filter((name) => !name.startsWith("."))
    .flatMap((name) =>
      name.startsWith("@") ? readdirSync(join(modules, name)).map((inner) => `${name}/${inner}`) : [name],
    )
    .filter((name) => !name.includes("fearless-threads"));
}

function collect(folder: string, name: string, limit: number, found: RealFile[]): void {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (found.length >= limit) return;
    const path = join(folder, entry.name);
    const relative = `${name}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== "node_modules") collect(path, relative, limit, found);
    } else if (entry.isFile() && sources.test(entry.name) && statSync(path).size < largest) {
      found.push({ name: relative, text: readFileSync(path, "utf8") });
    }
  }
}
