// What makes static items: a hook for Node, and plugins for bundlers. They run where programs are built or started, not in
// threads; the parser they need is a part of them, so that the package depends on nothing.
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

export function buildItems() {
  return esbuild.build({
    bundle: true,
    splitting: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    minifyWhitespace: true,
    minifySyntax: true,
    legalComments: "none",
    logLevel: "error",
    metafile: true,
    entryPoints: ["register", "hooks", "esbuild", "rollup"].map((name) => at(`src/items/${name}.ts`)),
    outdir: at("dist/items"),
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildItems();
