/** Node's module hooks: TypeScript is compiled as it is loaded, unsaved texts stand in for files. */
import { readFile } from "node:fs/promises";
import type { InitializeHook, LoadHook, ResolveHook } from "node:module";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Format, formatOf, hasUsing } from "./format.js";
import type { RunSetup } from "./setup.js";
import { spelledOtherwise } from "./spellings.js";

let setup: RunSetup;

export const initialize: InitializeHook<RunSetup> = (data) => {
  setup = data;
};

const library = "fearless-threads";

export const resolve: ResolveHook = async (specifier, context, nextResolve) => {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    const found = otherSpelling(specifier, context.parentURL);
    if (found !== undefined) return nextResolve(pathToFileURL(found).href, context);
    if (isOverlay(context.parentURL)) {
      // The text was never saved: it lives nowhere, so its imports are those of a file in the working folder.
      const parentURL = pathToFileURL(join(setup.folder, "untitled.ts")).href;
      const inFolder = otherSpelling(specifier, parentURL);
      if (inFolder !== undefined) return nextResolve(pathToFileURL(inFolder).href, context);
      const inModules = await attempt(async () => nextResolve(specifier, { ...context, parentURL }));
      if (inModules !== undefined) return inModules;
    }
    if (specifier === library) return nextResolve(pathToFileURL(setup.runtime).href, context);
    throw error;
  }
};

async function attempt<T>(question: () => Promise<T>): Promise<T | undefined> {
  try {
    return await question();
  } catch {
    return undefined;
  }
}

function otherSpelling(specifier: string, parentURL: string | undefined): string | undefined {
  if (!/^(\.{0,2}\/|file:)/.test(specifier) || parentURL?.startsWith("file:") !== true) return undefined;
  const path = fileURLToPath(new URL(specifier, parentURL));
  return spelledOtherwise(path);
}

function isOverlay(url: string | undefined): boolean {
  if (url?.startsWith("file:") !== true) return false;
  const path = fileURLToPath(url);
  return Object.values(setup.overlays).includes(path);
}

const compiled = new Set([".ts", ".tsx", ".mts", ".cts", ".jsx"]);
const plain = new Set([".js", ".mjs", ".cjs"]);

/** The first Node whose V8 knows `using`. */
const nativeUsing = Number(process.versions.node.split(".")[0]) >= 24;

export const load: LoadHook = async (url, context, nextLoad) => {
  if (!url.startsWith("file:") || context.importAttributes.type !== undefined) return nextLoad(url, context);
  const path = fileURLToPath(url);
  const extension = extname(path);
  const overlay = setup.overlays[path];
  if (!compiled.has(extension) && !(plain.has(extension) && !path.includes("node_modules"))) {
    return nextLoad(url, context);
  }
  const text = await readFile(overlay ?? path, "utf8");
  const needsCompiler = compiled.has(extension) || (!nativeUsing && hasUsing(text));
  if (!needsCompiler && overlay === undefined) return nextLoad(url, context);
  const format: Format = formatOf(path, text);
  if (!needsCompiler && format === "module") return { format, source: text, shortCircuit: true };
  const { compile } = await import("./compile.js");
  const source = await compile({ path, text, format, nativeUsing, compilerFolder });
  return { format, source, shortCircuit: true };
};

/** The compiler that an installed extension carries, beside the bundles. */
const compilerFolder = join(dirname(fileURLToPath(import.meta.url)), "..", "compiler");
