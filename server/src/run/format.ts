/** Whether a file is an ES module or CommonJS. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, extname, join } from "node:path";

export type Format = "module" | "commonjs";

const moduleSyntax = /^\s*(?:import\b(?!\s*\()|export\b|await\b|(?:const|let|var|using)\b[^=\n]*=\s*await\b)/m;
const commonjsSyntax = /\brequire\s*\(|\bmodule\.exports\b|\bexports\.\w|\b__dirname\b|\b__filename\b/;

/**
 * The extension decides, then the nearest `package.json`, then what the text looks like. A TypeScript file that
 * imports is a module whatever its package says: it is compiled, and what is compiled here is a module.
 */
export function formatOf(path: string, text: string): Format {
  const extension = extname(path);
  if (extension === ".mjs" || extension === ".mts") return "module";
  if (extension === ".cjs" || extension === ".cts") return "commonjs";
  if (packageType(dirname(path)) === "module" || moduleSyntax.test(text)) return "module";
  return commonjsSyntax.test(text) ? "commonjs" : "module";
}

function packageType(folder: string): string | undefined {
  const file = join(folder, "package.json");
  if (existsSync(file)) {
    try {
      return (JSON.parse(readFileSync(file, "utf8")) as { type?: string }).type;
    } catch {
      return undefined;
    }
  }
  const parent = dirname(folder);
  return parent === folder ? undefined : packageType(parent);
}

/** Whether the text declares with `using`, as far as a look at it can tell. */
export function hasUsing(text: string): boolean {
  return /\busing\s+[A-Za-z_$][\w$]*\s*(?:=|of\b)/.test(text);
}
