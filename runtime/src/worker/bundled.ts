import { libraryItself } from "./entry.js";
import { readFileSync } from "./node.js";
import { toPath } from "./position.js";

// A bundler that writes one file has no module that `import("fearless-threads")` in a closure could give: it makes
// `Promise.resolve().then(() => (init_dist(), dist_exports))` of it, with names that are the bundle's own. A thread has
// the library anyway, so what these names stand for is given to the closure.

const inlined = /\bPromise\.resolve\(\)\.then\(\(\)\s*=>\s*\(([\w$]+)\(\),\s*([\w$]+)\)\)/g;

/** The names by which a closure of a bundle asks for this library, and by which it imports, and what they stand for. */
export function bundledLibrary(closure: string, file: string | undefined): ReadonlyMap<string, unknown> {
  const found = vitePreload(closure);
  for (const [, init = "", exported = ""] of closure.matchAll(inlined)) {
    if (found.has(exported) || file === undefined || !isLibrary(exported, file)) continue;
    found.set(init, () => {});
    found.set(exported, libraryItself());
  }
  return found;
}

/** `preload(() => import("./a.js"), __vite__mapDeps([0]))`, also where the import's names are picked at once. */
const preloading =
  /(?<![\w$.])([\w$]+)\(\s*(?:async\s*)?\(\)\s*=>\s*(?:\{\s*(?:const|let|var)\s*\{[^}]*\}\s*=\s*await\s+)?import\([^()]*\)[^()]*,\s*(?:__vite__mapDeps\(|\[\]|void 0|true\b|!0)/g;

/**
 * What Vite puts around an `import()`, so that a page loads at once all that the module needs. A thread has no page, and
 * just imports. A minifier may have renamed it.
 */
function vitePreload(closure: string): Map<string, unknown> {
  const names = [...closure.matchAll(preloading)].map(([, name = ""]) => name);
  const preload = (load: () => unknown): unknown => load();
  return new Map<string, unknown>([
    ...names.map((name) => [name, preload] as const),
    ...(closure.includes("__vite__mapDeps") ? [["__vite__mapDeps", () => []] as const] : []),
  ]);
}

/** Whether a name of a closure stands for a module that a bundler has made a part of the bundle. */
export function isBundledImport(closure: string, name: string): boolean {
  return [...closure.matchAll(inlined)].some(([, init, exported]) => name === init || name === exported);
}

const known = new Map<string, boolean>();

/** Whether what the bundle exports under a name is this library: `__export(dist_exports, { Arc: () => Arc, … })`. */
function isLibrary(exported: string, file: string): boolean {
  const key = `${exported} ${file}`;
  let answer = known.get(key);
  if (answer === undefined) {
    answer = hasLibrary(exported, file);
    known.set(key, answer);
  }
  return answer;
}

function hasLibrary(exported: string, file: string): boolean {
  const name = exported.replaceAll("$", "\\$");
  const list = new RegExp(`(?<![\\w$.])${name}\\s*,\\s*\\{([^{}]*)\\}\\)`);
  const [, body = ""] = list.exec(textOf(file)) ?? [];
  const names = [...body.matchAll(/([\w$]+)\s*:\s*\(\)\s*=>/g)].map(([, name = ""]) => name);
  return names.length > 0 && names.every((name) => Object.hasOwn(libraryItself(), name)) && names.includes("move");
}

function textOf(file: string): string {
  try {
    return readFileSync(toPath(file), "utf8");
  } catch {
    return "";
  }
}
