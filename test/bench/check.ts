/**
 * How long a check of whole projects takes, and how much memory: this tool beside oxlint and typescript-eslint, both with
 * nothing but `no-floating-promises`, the rule that is nearest to it. All see the same files; the runs are interleaved,
 * so that a busy machine is busy for all of them.
 *
 * This tool runs three times in a round: with nothing kept, again, and once more when one file has changed. The others
 * keep nothing that holds for a rule that asks for types, and take as long each time. The row below them is no tool: it is
 * what starting the compiler, loading the project and fetching the trees of the files that start threads takes alone.
 *
 *   npm run bench:check                            everything; typescript-eslint takes minutes
 *   npm run bench:check -- --only generated-50,    projects whose name matches it, a regular expression
 *   npm run bench:check -- --rounds 5
 *   npm run bench:check -- --without typescript-eslint
 *   npm run bench:check -- --write                 also into docs/benchmarks-check.md
 */
import { spawn, spawnSync } from "node:child_process";
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { availableParallelism, cpus, homedir, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { bin } from "../cli/command.js";
import { corpus, unpacked } from "../corpus/packages.js";
import { writeProject } from "./generate.js";
import { megabytes, memoryOfTree } from "./memory.js";

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    rounds: { type: "string" },
    without: { type: "string" },
    write: { type: "boolean" },
  },
});

/** Packages that ship their TypeScript and start threads, or run in them. */
const threadedPackages = [
  { name: "@loaders.gl/worker-utils", version: "4.5.4" },
  { name: "piscina", version: "5.3.2" },
  { name: "@powersync/web", version: "2.4.0" },
  { name: "maplibre-gl", version: "6.17.0" },
];

const printed: string[] = [];

function print(line: string): void {
  console.log(line);
  printed.push(line);
}

/** Pinned, and in a folder of their own: typescript-eslint needs the classic TypeScript. */
const pinned = {
  oxlint: "1.94.0",
  "oxlint-tsgolint": "7.0.2007",
  eslint: "10.15.0",
  "typescript-eslint": "8.73.0",
  typescript: "6.0.3",
};

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "fearless-threads-bench");

/** Installs the other tools at the first use. */
function installTools(): string {
  const folder = join(cache, Object.values(pinned).join("-"));
  if (existsSync(folder)) return folder;
  const temporary = `${folder}.${process.pid}.tmp`;
  mkdirSync(temporary, { recursive: true });
  writeFileSync(join(temporary, "package.json"), JSON.stringify({ private: true, dependencies: pinned }));
  const install = spawnSync("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: temporary,
    stdio: "inherit",
    shell: process.platform === "win32",
  });
  if (install.status !== 0) throw new Error("the tools to compare with could not be installed");
  writeFileSync(
    join(temporary, "oxlint.json"),
    JSON.stringify({
      plugins: ["typescript"],
      categories: { correctness: "off" },
      rules: { "typescript/no-floating-promises": "error" },
    }),
  );
  writeFileSync(
    join(temporary, "eslint.config.mjs"),
    `import tseslint from "typescript-eslint";
export default [{
  files: ["**/*.ts"],
  ignores: ["**/*.d.ts"],
  linterOptions: { reportUnusedDisableDirectives: "off" },
  languageOptions: { parser: tseslint.parser, parserOptions: { projectService: true } },
  plugins: { "@typescript-eslint": tseslint.plugin },
  rules: { "@typescript-eslint/no-floating-promises": "error" },
}];
`,
  );
  renameSync(temporary, folder);
  return folder;
}

interface Tool {
  readonly name: string;
  /** What happens to the project before each run. */
  readonly before?: (project: Project) => void;
  readonly command: (project: Project) => readonly string[];
  /** How many findings its output tells of. */
  readonly findings: (stdout: string) => number;
}

interface Project {
  readonly name: string;
  readonly folder: string;
  /** Folders with the sources, relative. */
  readonly sources: readonly string[];
  /** How often each tool runs, at most. */
  readonly rounds: number;
}

const trees = fileURLToPath(new URL("./trees.js", import.meta.url));

/** Where this tool keeps what it found, in the project's folder. */
const kept = ".fearless-threads.json";

const startsThreads = /["'](?:node:worker_threads|worker_threads|fearless-threads)["']|new Worker\(/;

/** The files that start threads, as far as their text tells, in order. */
function threadedFiles({ folder, sources }: Project): readonly string[] {
  return sources
    .flatMap((source) =>
      readdirSync(join(folder, source), { recursive: true, encoding: "utf8" }).map((name) => join(source, name)),
    )
    .filter((file) => /(?<!\.d)\.[cm]?tsx?$/.test(file) && !file.includes("node_modules"))
    .filter((file) => startsThreads.test(readFileSync(join(folder, file), "utf8")))
    .sort();
}

/** Puts a comment at the end of the file in the middle of those. */
function editOne(project: Project): void {
  const files = threadedFiles(project);
  const file = files[Math.floor(files.length / 2)];
  if (file !== undefined) appendFileSync(join(project.folder, file), "\n// Changed.\n");
}

function createTools(folder: string): readonly Tool[] {
  const node = process.execPath;
  const own: Pick<Tool, "command" | "findings"> = {
    command: ({ sources }) => [node, bin, "check", ...sources, "--format", "json", "--cache-location", kept],
    findings: (stdout) => (JSON.parse(stdout) as { readonly diagnostics: readonly unknown[] }).diagnostics.length,
  };
  return [
    { ...own, name: "fearless-threads", before: (project) => rmSync(join(project.folder, kept), { force: true }) },
    { ...own, name: "  again" },
    { ...own, name: "  one file edited", before: editOne },
    {
      name: "oxlint",
      command: ({ sources }) => [
        ...[node, join(folder, "node_modules/oxlint/bin/oxlint"), "--type-aware"],
        ...["-c", join(folder, "oxlint.json"), "--format", "unix", "--no-ignore", ...sources],
      ],
      findings: (stdout) => stdout.match(/no-floating-promises/g)?.length ?? 0,
    },
    {
      name: "typescript-eslint",
      command: ({ sources }) => [
        ...[node, "--max-old-space-size=8192", join(folder, "node_modules/eslint/bin/eslint.js")],
        ...["--no-config-lookup", "-c", join(folder, "eslint.config.mjs"), "--format", "json", ...sources],
      ],
      findings: (stdout) => stdout.match(/"ruleId":"@typescript-eslint\/no-floating-promises"/g)?.length ?? 0,
    },
    {
      name: "(trees alone)",
      command: (project) => [node, trees, ...threadedFiles(project)],
      findings: () => 0,
    },
  ];
}

interface Run {
  readonly seconds: number;
  /** Of the process and all that it started, at one moment, as sampled. */
  readonly peakBytes: number;
  readonly findings: number;
}

function run(tool: Tool, project: Project): Promise<Run> {
  const [file = "", ...args] = tool.command(project);
  return new Promise((resolve, reject) => {
    const started = performance.now();
    const env = { ...process.env, OXLINT_TSGOLINT_PATH: tsgolint };
    const child = spawn(file, args, { cwd: project.folder, stdio: ["ignore", "pipe", "pipe"], env });
    let [stdout, stderr, peakBytes] = ["", "", 0];
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      stderr += chunk;
    });
    const sampling = setInterval(() => {
      peakBytes = Math.max(peakBytes, memoryOfTree(child.pid ?? 0));
    }, 40);
    child.once("error", reject);
    child.once("close", (code) => {
      clearInterval(sampling);
      const seconds = (performance.now() - started) / 1000;
      if (code !== 0 && code !== 1)
        reject(new Error(`${tool.name} ended with ${code}:\n${stderr}${stdout.slice(0, 2000)}`));
      else resolve({ seconds, peakBytes, findings: tool.findings(stdout) });
    });
  });
}

function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

interface Row {
  readonly seconds: number;
  readonly peakBytes: number;
  readonly findings: number;
}

async function compare(project: Project, tools: readonly Tool[], rounds: number): Promise<void> {
  print(`\n${project.name}`);
  const runs = new Map<Tool, Run[]>(tools.map((tool) => [tool, []]));
  for (let round = 0; round < rounds; round++) {
    for (const tool of tools) {
      tool.before?.(project);
      runs.get(tool)?.push(await run(tool, project));
    }
  }
  const rows = tools.map((tool): Row => {
    const of = runs.get(tool) ?? [];
    return {
      seconds: median(of.map(({ seconds }) => seconds)),
      peakBytes: median(of.map(({ peakBytes }) => peakBytes)),
      findings: of[0]?.findings ?? 0,
    };
  });
  const [ours] = rows;
  for (const [index, { seconds, peakBytes, findings }] of rows.entries()) {
    const times = ours === undefined ? 1 : seconds / ours.seconds;
    const memory = ours === undefined ? 1 : peakBytes / ours.peakBytes;
    print(
      `  ${(tools[index]?.name ?? "").padEnd(18)}${seconds.toFixed(2).padStart(8)} s ${`${times.toFixed(1)}x`.padStart(7)}` +
        `${megabytes(peakBytes).padStart(11)} ${`${memory.toFixed(1)}x`.padStart(7)}   ${findings} findings`,
    );
  }
}

function* projects(scratch: string): Generator<Project> {
  for (const one of [...corpus, ...threadedPackages]) {
    const name = `${one.name} ${one.version}`;
    if (!wanted(name)) continue;
    const folder = join(scratch, one.name.replace("/", "-"));
    // A copy, since other tools leave out what git ignores and folders that begin with a dot, wherever they begin.
    cpSync(unpacked(one), folder, { recursive: true });
    yield { name, folder, sources: ["."], rounds: Number.POSITIVE_INFINITY };
  }
  for (const files of [50, 500, 5000]) {
    for (const threaded of [10, 100]) {
      const name = `generated-${files}, ${threaded} % of the files start threads`;
      if (!wanted(name)) continue;
      const folder = join(scratch, `${files}-${threaded}`);
      mkdirSync(folder);
      writeProject(folder, { files, threaded, seed: files });
      // A round of thousands of files takes minutes.
      yield { name, folder, sources: ["src"], rounds: files > 1000 ? 1 : Number.POSITIVE_INFINITY };
    }
  }
}

function wanted(name: string): boolean {
  return values.only === undefined || new RegExp(values.only).test(name);
}

const toolsFolder = installTools();
const tsgolint = join(toolsFolder, "node_modules/.bin/tsgolint");
const tools = createTools(toolsFolder).filter(({ name }) => name !== values.without);
const scratch = join(tmpdir(), `fearless-threads-bench-${process.pid}`);
mkdirSync(scratch);
try {
  for (const project of projects(scratch))
    await compare(project, tools, Math.min(project.rounds, Number(values.rounds ?? 3)));
} finally {
  rmSync(scratch, { recursive: true, force: true });
}

if (values.write === true) {
  const [cpu] = cpus();
  const load = loadavg()[0]?.toFixed(1);
  const page = fileURLToPath(new URL("../../docs/benchmarks-check.md", import.meta.url));
  writeFileSync(
    page,
    `# How long a check takes

Medians of ${values.rounds ?? 3} runs of each tool in turn, of one run for 5,000 files, as \`npm run bench:check\` prints them. Seconds of the wall clock, memory of
the process with all that it started; \`x\` is how many times as much as this tool. oxlint and typescript-eslint check
only \`no-floating-promises\`, the rule that is nearest to this tool's; this tool runs all of its rules: first with nothing
kept from an earlier check, then again, then when one file that starts threads has changed. The last row is no tool: it is
what TypeScript's own API takes to start the compiler, load the project and fetch the trees of the files that start threads.

- Machine: ${cpu?.model ?? "unknown"}, ${availableParallelism()} cores, Node ${process.versions.node}, ${process.platform}
- Load average at the end: ${load}. Where it is above the number of cores, other work ran at the same time
- Tools: ${Object.entries(pinned)
      .map((one) => one.join(" "))
      .join(", ")}

Printed by \`npm run bench:check -- ${process.argv.slice(2).join(" ")}\`:

\`\`\`text
${printed.join("\n").trim()}
\`\`\`
`,
  );
}
