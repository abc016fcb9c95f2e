/**
 * How long a keystroke takes from `didChange` to its findings, through the real server over standard input and output,
 * beside TypeScript's own native language server on the same keystrokes in the same run.
 *
 *   npm run build && npx tsx test/bench/keystroke.ts
 */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  createProtocolConnection,
  type Position,
  type ProtocolConnection,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import { bin } from "../cli/command.js";
import { megabytes, memoryOfTree } from "./memory.js";
import { plainProgram, threadProgram } from "./program.js";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const typed = "\n  const late = thread.spawn(() => words.length);\n  await late.join();\n";
/** So many that 2,000 letters are typed. The first turn warms up the just-in-time compiler, and is shown by itself. */
const rounds = Math.ceil(2000 / typed.length);

interface Server {
  readonly name: string;
  readonly command: readonly string[];
}

const servers: readonly Server[] = [
  { name: "fearless-threads", command: [process.execPath, bin, "lsp", "--stdio"] },
  { name: "tsc --lsp (native)", command: [nativeCompiler(), "--lsp", "--stdio"] },
];

function nativeCompiler(): string {
  const name = `@typescript/typescript-${process.platform}-${process.arch}/package.json`;
  const folder = dirname(createRequire(import.meta.url).resolve(name));
  return join(folder, "lib", process.platform === "win32" ? "tsc.exe" : "tsc");
}

interface Run {
  /** Milliseconds from the start of the process to the first findings. */
  readonly cold: number;
  /** Milliseconds of each keystroke of the first turn. */
  readonly first: readonly number[];
  /** Milliseconds of each keystroke of the others. */
  readonly keystrokes: readonly number[];
  readonly findings: number;
  /** Resident bytes of the server and its compiler, after the first turn and after the last. */
  readonly memory: readonly [first: number, last: number];
}

async function connect({
  command: [file = "", ...args],
}: Server): Promise<{ child: ChildProcess; connection: ProtocolConnection }> {
  const child = spawn(file, args, { stdio: ["pipe", "pipe", "ignore"], cwd: examples });
  const { stdin, stdout } = child;
  const connection = createProtocolConnection(new StreamMessageReader(stdout), new StreamMessageWriter(stdin));
  connection.onRequest("client/registerCapability", () => null);
  connection.onRequest("workspace/configuration", ({ items }: { items: readonly unknown[] }) => items.map(() => null));
  connection.onRequest("workspace/diagnostic/refresh", () => null);
  connection.listen();
  await connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: pathToFileURL(examples).href,
    workspaceFolders: [{ uri: pathToFileURL(examples).href, name: "examples" }],
    capabilities: { textDocument: { diagnostic: {} }, workspace: { diagnostics: { refreshSupport: true } } },
  });
  await connection.sendNotification("initialized", {});
  return { child, connection };
}

/** Types a statement into the middle of the program, letter by letter, and takes it away again. */
async function measure(server: Server, program: string): Promise<Run> {
  const started = performance.now();
  const { child, connection } = await connect(server);
  const uri = pathToFileURL(join(examples, "src", "bench.ts")).href;
  let document = TextDocument.create(uri, "typescript", 1, program);
  const pull = async (): Promise<number> => {
    const report = await connection.sendRequest("textDocument/diagnostic", { textDocument: { uri } });
    return (report as { readonly items?: readonly unknown[] }).items?.length ?? 0;
  };
  const change = async (start: Position, end: Position, text: string): Promise<number> => {
    const changes = [{ range: { start, end }, text }];
    document = TextDocument.update(document, changes, document.version + 1);
    const from = performance.now();
    await connection.sendNotification("textDocument/didChange", {
      textDocument: { uri, version: document.version },
      contentChanges: changes,
    });
    await pull();
    return performance.now() - from;
  };
  await connection.sendNotification("textDocument/didOpen", {
    textDocument: { uri, languageId: "typescript", version: 1, text: program },
  });
  const findings = await pull();
  const cold = performance.now() - started;
  const keystrokes: number[] = [];
  let afterFirst = 0;
  const middle = program.indexOf("  const result = await", program.length / 2);
  for (let round = 0; round < rounds; round++) {
    for (let index = 0; index < typed.length; index++) {
      const at = document.positionAt(middle + index);
      keystrokes.push(await change(at, at, typed[index] ?? ""));
    }
    await change(document.positionAt(middle), document.positionAt(middle + typed.length), "");
    if (round === 0) afterFirst = memoryOfTree(child.pid ?? 0);
  }
  const memory = [afterFirst, memoryOfTree(child.pid ?? 0)] as const;
  await connection.sendRequest("shutdown");
  await connection.sendNotification("exit");
  connection.dispose();
  child.kill();
  return {
    cold,
    first: keystrokes.slice(0, typed.length),
    keystrokes: keystrokes.slice(typed.length),
    findings,
    memory,
  };
}

function quantile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function ms(value: number): string {
  return `${value.toFixed(value < 10 ? 2 : 1)} ms`.padStart(10);
}

for (const [title, program] of [
  ["a file that uses threads", threadProgram()],
  ["a file that uses none", plainProgram()],
] as const) {
  console.log(`\n${title}, ${program.split("\n").length} lines`);
  console.log(
    `${"".padEnd(20)}${["cold", "1st turn", "median", "p95", "p99", "max"].map((name) => name.padStart(10)).join("")}`,
  );
  const runs: Run[] = [];
  for (const server of servers) {
    const run = await measure(server, program);
    runs.push(run);
    const { cold, first, keystrokes, memory } = run;
    const row = [
      cold,
      quantile(first, 0.5),
      quantile(keystrokes, 0.5),
      quantile(keystrokes, 0.95),
      quantile(keystrokes, 0.99),
      Math.max(...keystrokes),
    ];
    console.log(
      `${server.name.padEnd(20)}${row.map(ms).join("")}   ${keystrokes.length} keystrokes, ${memory.map(megabytes).join(" → ")}`,
    );
  }
  const [ours, peer] = runs;
  if (ours === undefined || peer === undefined) continue;
  const ratio = (of: (run: Run) => number): string => (of(ours) / of(peer)).toFixed(2).padStart(10);
  const ratios = [
    ratio((run) => run.cold),
    ratio((run) => quantile(run.first, 0.5)),
    ratio((run) => quantile(run.keystrokes, 0.5)),
    ratio((run) => quantile(run.keystrokes, 0.95)),
    ratio((run) => quantile(run.keystrokes, 0.99)),
  ];
  console.log(`${"ratio".padEnd(20)}${ratios.join("")}`);
}
