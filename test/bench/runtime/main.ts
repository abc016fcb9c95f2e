import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { parseArgs } from "node:util";
import { cases } from "./cases/all.js";
import { type Case, type Measured, measure } from "./harness.js";
import { machine } from "./machine.js";
import { notes } from "./notes.js";
import { library } from "./pools/multithreadingLibrary.js";
import { rustVersion } from "./rust.js";
import { details, summary } from "./table.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: "string" },
    only: { type: "string", multiple: true },
    tiny: { type: "boolean" },
    write: { type: "boolean" },
    list: { type: "boolean" },
  },
});

if (values.write && (positionals.length > 0 || values.only !== undefined || values.tiny)) {
  throw new Error("--write needs every case in full: a page with some of them would look as if there were no others");
}
const asked = values.rounds === undefined ? undefined : Number(values.rounds);
if (asked !== undefined && !(Number.isInteger(asked) && asked > 0)) {
  throw new Error(`--rounds takes a whole number from 1, not ${values.rounds}`);
}
const wanted = cases.filter(({ id }) => positionals.length === 0 || positionals.some((word) => id.includes(word)));
if (wanted.length === 0) throw new Error(`no case is called ${positionals.join(" or ")}; --list names them`);

/** The case with the sides that were asked for. */
function chosen(what: Case): Case {
  const { only } = values;
  if (only === undefined) return what;
  return { ...what, contenders: what.contenders.filter(({ side }) => only.includes(side)) };
}

/** `piscina 5.3.2`, of everything that was compared. */
function versions(): string {
  const require = createRequire(import.meta.url);
  const manifest = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as {
    devDependencies: Record<string, string>;
  };
  const packages = Object.keys(manifest.devDependencies).map((name) => {
    const path = require.resolve.paths(name)?.map((folder) => `${folder}/${name}/package.json`) ?? [];
    const text = path.map((file) => readOr(file)).find((text) => text !== undefined) ?? "{}";
    return `${name} ${(JSON.parse(text) as { version?: string }).version}`;
  });
  const all = [...packages, ...(rustVersion === undefined ? [] : [rustVersion])].join(", ");
  return library === undefined ? `${all}; \`multithreading\` needs Node 22 and is left out` : all;
}

function readOr(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

function page(all: readonly Measured[]): string {
  return `# What the library costs

Measured by \`npm run bench:runtime -- --write\` on ${new Date().toISOString().slice(0, 10)}:
${machine()}.
Beside it: ${versions()}.

All contenders of a case take turns, round after round, in one run; each does the same work as its own documentation
recommends, and what it computed is checked. *Of raw* is the ratio to \`node:worker_threads\` (or what else is the least that
does the same: a bare futex, a MessagePort). A *floor* is what the language takes for doing nothing in the same way. A figure is a median, with the 5th and the 95th percentile of the rounds.

${summary(all)}

## What stands behind them

${notes(all)}

## All contenders

${all.map(details).join("\n\n")}
`;
}

if (values.list) {
  for (const { id, title } of wanted) console.log(`${id.padEnd(20)} ${title}`);
} else {
  const scale = values.tiny ? "tiny" : "full";
  const all: Measured[] = [];
  for (const what of wanted.map(chosen)) {
    const start = performance.now();
    all.push(await measure(what, { scale, rounds: asked ?? (scale === "tiny" ? 2 : what.rounds) }));
    console.error(`measured ${what.id} in ${((performance.now() - start) / 1e3).toFixed(1)} s`);
  }
  const text = page(all);
  console.log(text);
  if (values.write) writeFileSync(new URL("../../../../docs/benchmarks.md", import.meta.url), text);
}
