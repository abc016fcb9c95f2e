/** Paths as the compiler writes them: absolute, with forward slashes. */
import { posix, resolve } from "node:path";

export function normalizePath(path: string): string {
  const absolute = resolve(path);
  return process.platform === "win32" ? absolute.replaceAll("\\", "/") : absolute;
}

/** `path` as it is seen from `folder`. */
export function resolvePath(folder: string, path: string): string {
  const whole = /^([A-Za-z]:)?\//.test(path) ? path : `${folder}/${path}`;
  const plain = posix.normalize(whole);
  return plain.length > 1 && plain.endsWith("/") ? plain.slice(0, -1) : plain;
}

/** `/a/b.ts` → `/a`; a root is its own parent. */
export function parentOf(path: string): string {
  const slash = path.lastIndexOf("/");
  if (slash < 0) return path;
  return slash === 0 ? "/" : path.slice(0, slash);
}

export function isDeclarationFile(path: string): boolean {
  return /\.d\.([mc]?ts|[^./]+\.ts)$/.test(path);
}

/** The extensions of files that the compiler reads as source. */
export const sourceExtensions = [".ts", ".tsx", ".mts", ".cts", ".js", ".jsx", ".mjs", ".cjs"] as const;

export function isSourceFile(path: string): boolean {
  return sourceExtensions.some((extension) => path.endsWith(extension));
}

/**
 * Whether two paths may name the same file. The compiler writes some paths in small letters where the file system does
 * not tell the difference, so neither does this.
 */
export function sameFile(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}
