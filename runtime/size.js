// What the library adds to a page, in bytes: minified and compressed, as it is sent. `npm run size` after a build.
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import * as esbuild from "esbuild";

const parts = {
  "everything, and the code of its workers": 'export * from "fearless-threads"',
  "{ thread, move }": 'export { thread, move } from "fearless-threads"',
  "{ Mutex }": 'export { Mutex } from "fearless-threads"',
  "{ mpsc }": 'export { mpsc } from "fearless-threads"',
};

/**
 * What a page has to load for a statement that imports from the library.
 *
 * @param {string} statement
 * @returns {Promise<{ minified: number, compressed: number, modules: readonly string[] }>} bytes, and the modules that are in it
 */
export async function sizeOf(statement) {
  const { outputFiles, metafile } = await esbuild.build({
    stdin: { contents: statement, resolveDir: dirname(fileURLToPath(import.meta.url)) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  const [{ contents }] = outputFiles;
  const [{ inputs }] = Object.values(metafile.outputs);
  const modules = Object.keys(inputs).filter((name) => inputs[name].bytesInOutput > 0);
  return { minified: contents.length, compressed: gzipSync(contents, { level: 9 }).length, modules };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);
  console.log(`${"import".padEnd(42)} minified   gzipped`);
  for (const [what, statement] of Object.entries(parts)) {
    const { minified, compressed } = await sizeOf(statement);
    console.log(`${what.padEnd(42)}${kilobytes(minified)} ${kilobytes(compressed)}`);
  }
}
