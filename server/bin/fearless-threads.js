#!/usr/bin/env node
import { existsSync } from "node:fs";
import module from "node:module";

const entry = new URL("../dist/cli.js", import.meta.url);
if (!existsSync(entry)) {
  console.error("fearless-threads: not built yet. Run `npm run build` in the repository first.");
  process.exit(2);
}
// Node 22 and later keep what they compiled for the next start.
module.enableCompileCache?.();
await import(entry.href);
