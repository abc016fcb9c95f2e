#!/usr/bin/env node
import { existsSync } from "node:fs";

const entry = new URL("../dist/cli.js", import.meta.url);
if (!existsSync(entry)) {
  console.error("fearless-threads: not built yet. Run `npm run build` in the repository first.");
  process.exit(2);
}
await import(entry.href);
