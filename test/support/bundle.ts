/** Bundles as the build does, for tests that start what ships. */
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const root = fileURLToPath(new URL("../..", import.meta.url));
const require =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

/**
 * @param entry Relative to the repository.
 * @returns The path of one ES module with everything in it. It lies in the repository, where packages are found.
 */
export async function bundle(entry: string): Promise<string> {
  const outfile = `${root}test/.cache/bundles/${entry.replaceAll("/", "-").replace(/\.ts$/, ".mjs")}`;
  await esbuild.build({
    absWorkingDir: root,
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20.19",
    format: "esm",
    banner: { js: require },
    logLevel: "error",
  });
  return outfile;
}
