// `npm test`: builds, checks and runs every suite, and closes with one count over all of them.
//
//   npm test                   everything
//   npm test -- rules lsp      only the suites named
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";

const root = fileURLToPath(new URL("..", import.meta.url));

/** A check passes or fails as one; a mocha suite counts its tests. */
const suites = [
  { name: "build", check: ["node", "esbuild.js"] },
  { name: "types", check: ["npx", "tsc", "-b"] },
  { name: "lint", check: ["npx", "biome", "ci", "."] },
  ...["analysis", "typescript", "rules", "models", "runtime", "cli", "lsp", "teaching", "grammar", "corpus"].map(
    (name) => ({
      name,
      mocha: `test/${name}/**/*.test.ts`,
    }),
  ),
  { name: "vscode", counted: ["node", "test/vscode/run.js"] },
];

/** Runs a command, shows its output as it comes, and returns it with the exit code. */
function run(command, args) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: root,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
      env: { FORCE_COLOR: process.stdout.isTTY ? "1" : "0", ...process.env },
    });
    let output = "";
    child.stdout.on("data", (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.stderr.on("data", (chunk) => {
      output += chunk;
      process.stderr.write(chunk);
    });
    child.once("error", (error) => resolve({ code: 1, output: `${output}${error.message}` }));
    child.once("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** The last count that mocha printed with this word: `12 passing (3s)`. */
function count(output, word) {
  const counts = [...output.matchAll(new RegExp(`^\\s*(?:\\u001b\\[\\d+m)*\\s*(\\d+) ${word}`, "gm"))];
  return counts.reduce((sum, match) => sum + Number(match[1]), 0);
}

/** How many lines about what failed are printed once more at the end, for each suite. */
const lineLimit = 60;

/** What there is to read about a failure: the reports of mocha from `2 failing` on, or the last that was printed. */
function detailsOf(output) {
  const lines = stripVTControlCharacters(output).trimEnd().split("\n");
  const reports = lines.flatMap((line, start) => {
    if (!/^\s*\d+ failing$/.test(line)) return [];
    const end = lines.findIndex((other, at) => at > start && /^# (node|suite|window)$/.test(other));
    return lines.slice(start, end < 0 ? lines.length : end);
  });
  if (reports.length === 0) return lines.slice(-lineLimit).join("\n");
  return reports.slice(0, lineLimit).join("\n").trimEnd();
}

async function runSuite(suite) {
  if (suite.check) {
    const [command, ...args] = suite.check;
    const { code, output } = await run(command, args);
    return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, output };
  }
  const [command, ...args] = suite.counted ?? ["npx", "mocha", suite.mocha];
  const { code, output } = await run(command, args);
  const passed = count(output, "passing");
  const failed = count(output, "failing");
  // A suite that died, or that ran nothing, must not look like one that passed.
  const broken = (code !== 0 && failed === 0) || (code === 0 && passed === 0);
  return { passed, failed: failed + (broken ? 1 : 0), skipped: count(output, "pending"), output };
}

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !suites.some((suite) => suite.name === name));
if (unknown.length > 0) {
  console.error(`No suite ${unknown.join(", ")}. There are: ${suites.map((suite) => suite.name).join(", ")}`);
  process.exit(2);
}
if (!existsSync(new URL("../node_modules", import.meta.url))) {
  console.error("Nothing is installed yet. Run `npm ci` first.");
  process.exit(2);
}

const rows = [];
for (const suite of suites) {
  if (wanted.length > 0 && !wanted.includes(suite.name)) continue;
  console.log(`\n── ${suite.name} ${"─".repeat(Math.max(0, 60 - suite.name.length))}`);
  const started = performance.now();
  const result = await runSuite(suite);
  rows.push({ name: suite.name, seconds: (performance.now() - started) / 1000, ...result });
  // Nothing after a broken build says anything about the product.
  if (suite.name === "build" && result.failed > 0) break;
}

console.log("\nsuite        passed  failed  skipped  seconds");
for (const row of rows) {
  const cells = [row.passed, row.failed, row.skipped].map((value) => String(value).padStart(7));
  console.log(`${row.name.padEnd(11)} ${cells.join(" ")}  ${row.seconds.toFixed(1).padStart(7)}`);
}
// A log is often read from its end, or cut before it: what failed is named there.
for (const row of rows.filter(({ failed }) => failed > 0)) {
  console.log(`\n── failed in ${row.name} ${"─".repeat(Math.max(0, 50 - row.name.length))}\n${detailsOf(row.output)}`);
}
const total = (key) => rows.reduce((sum, row) => sum + row[key], 0);
const skipped = total("skipped");
console.log(`\n${total("passed")} passed, ${total("failed")} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`);
process.exitCode = total("failed") > 0 ? 1 : 0;
