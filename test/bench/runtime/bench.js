// `npm run bench:runtime`: what the library costs beside what it stands on and beside others of its kind.
//
//   npm run bench:runtime                            everything
//   npm run bench:runtime -- mutex channel           the cases whose names contain one of these words
//   npm run bench:runtime -- --rounds 30             more rounds than each case has by itself
//   npm run bench:runtime -- --only ours --only raw  without the others
//   npm run bench:runtime -- --write                 into docs/benchmarks.md, too
//
// The sources are compiled first, so that neither the measured process nor its workers load a compiler.
import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const sources = readdirSync(here, { recursive: true })
  .map(String)
  .filter((name) => name.endsWith(".ts") && !/^(out|node_modules)\b/.test(name));

await esbuild.build({
  absWorkingDir: here,
  entryPoints: sources,
  outdir: "out",
  format: "esm",
  platform: "node",
  target: "node20.19",
  logLevel: "error",
});

const child = spawn(
  process.execPath,
  ["--expose-gc", "--no-warnings", `${here}out/main.js`, ...process.argv.slice(2)],
  {
    stdio: "inherit",
    env: { ...process.env, NODE_OPTIONS: "" },
  },
);
child.once("close", (code) => {
  process.exitCode = code ?? 1;
});
