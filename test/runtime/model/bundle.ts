import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild";
import { globals } from "./machine.js";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const sources = join(root, "runtime/src");
const cache = join(root, "node_modules/.cache/fearless-threads-model");
const key = "fearless-threads.model";

/** A change to a source file that makes it wrong. */
export interface Mutation {
  /** The file below `runtime/src`. */
  readonly file: string;
  readonly from: string;
  readonly to: string;
}

let bundles = 0;

/**
 * The library's own modules, with the machine in place of `Atomics` and the clock: the same text, bound differently while
 * it is bundled. What ships is not touched by this and pays nothing for it.
 */
export async function loadForModel(
  modules: readonly string[],
  ...mutations: readonly (Mutation | undefined)[]
): Promise<Record<string, unknown>> {
  Reflect.set(globalThis, Symbol.for(key), globals);
  mkdirSync(cache, { recursive: true });
  const injected = join(cache, `globals-${process.pid}.js`);
  const names = Object.keys(globals);
  writeFileSync(injected, `export const { ${names.join(", ")} } = globalThis[Symbol.for("${key}")];\n`);
  const outfile = join(cache, `bundle-${process.pid}-${bundles++}.mjs`);
  await esbuild.build({
    stdin: { contents: modules.map((module) => `export * from "./${module}";`).join("\n"), resolveDir: sources },
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20.19",
    logLevel: "error",
    inject: [injected],
    plugins: [mutating(mutations.flatMap((mutation) => mutation ?? []))],
    outfile,
  });
  return await import(pathToFileURL(outfile).href);
}

function mutating(mutations: readonly Mutation[]): esbuild.Plugin {
  return {
    name: "mutation",
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        const mine = mutations.filter(({ file }) => relative(sources, path) === file);
        if (mine.length === 0) return undefined;
        let contents = readFileSync(path, "utf8");
        for (const { file, from, to } of mine) {
          if (contents.split(from).length !== 2) throw new Error(`${file} does not hold this once: ${from}`);
          contents = contents.replace(from, () => to);
        }
        return { contents, loader: "ts" };
      });
    },
  };
}
