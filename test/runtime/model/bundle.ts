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
export async function loadForModel(modules: readonly string[], mutation?: Mutation): Promise<Record<string, unknown>> {
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
    plugins: mutation === undefined ? [] : [mutating(mutation)],
    outfile,
  });
  return await import(pathToFileURL(outfile).href);
}

function mutating({ file, from, to }: Mutation): esbuild.Plugin {
  return {
    name: "mutation",
    setup: (build) => {
      build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
        if (relative(sources, path) !== file) return undefined;
        const text = readFileSync(path, "utf8");
        if (text.split(from).length !== 2) throw new Error(`${file} does not hold this once: ${from}`);
        return { contents: text.replace(from, () => to), loader: "ts" };
      });
    },
  };
}
