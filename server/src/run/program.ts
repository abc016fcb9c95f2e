/** Runs a file, TypeScript as it is, in a process of its own on real workers, and tells what happens. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { pathToFileURL } from "node:url";
import { hasStaticItems } from "../config/static-items.js";
import type { Position, Report, RunEvent, RunSummary } from "./events.js";
import { type RunSetup, reportDescriptor, setupVariable } from "./setup.js";

export interface ProgramOptions {
  /** The file to run: an absolute path. With `text` it need not exist. */
  readonly file: string;
  /** Run this text in place of what the file holds. */
  readonly text?: string | undefined;
  /** Texts of other files, by absolute path, that stand in for what is on disk. */
  readonly overlays?: ReadonlyMap<string, string> | undefined;
  /** `process.argv` after the program's name. */
  readonly args?: readonly string[] | undefined;
  /** The working folder, and where imports of a file without a place of its own are looked up. */
  readonly cwd: string;
  /** The Node that runs it. */
  readonly node: string;
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  readonly parts: RunnerParts;
  /** `inherit` lets the program use this process's terminal; its output is then not told as events. */
  readonly output: "events" | "inherit";
  /** Whether to tell what threads wait for, which costs the program some time. Default: it is not told. */
  readonly activity?: boolean;
}

/** Where the pieces lie that the running process loads. */
export interface RunnerParts {
  /** `run/register.js` of the server's build. */
  readonly register: string;
  /** The entry of the runtime that is used where a program has not installed one. */
  readonly runtime: string;
}

/** The parts in a server folder as it is built, packed and published. */
export function partsIn(serverDist: string): RunnerParts {
  return {
    register: join(serverDist, "run", "register.js"),
    runtime: join(serverDist, "..", "..", "runtime", "dist", "index.js"),
  };
}

export interface Run {
  readonly summary: Promise<RunSummary>;
  /** Ends the program: asked first, then by force. Does nothing when it has ended. */
  cancel(): void;
}

/** How long a program may take to end when it is asked to, in milliseconds. */
const patience = 1000;

/**
 * Starts a program.
 *
 * @param tell Called for each event, in order; before `summary` resolves.
 * @returns at once; `summary` rejects where the process could not be started at all.
 */
export function runProgram(options: ProgramOptions, tell: (event: RunEvent) => void): Run {
  const cancelling = new AbortController();
  return { summary: execute(options, tell, cancelling.signal), cancel: () => cancelling.abort() };
}

async function execute(
  options: ProgramOptions,
  tell: (event: RunEvent) => void,
  cancelling: AbortSignal,
): Promise<RunSummary> {
  const folder = await mkdtemp(join(tmpdir(), "fearless-threads-run-"));
  try {
    const { entry, setup } = await prepare(options, folder);
    const started = performance.now();
    const child = start(options, entry, setup);
    const counts = { started: 0, joined: 0, panicked: 0, killed: 0 };
    const closed = ending(child);
    const reports = listen(child, options, (event) => {
      count(counts, event);
      tell(entry === options.file ? event : relocated(event, entry, options.file));
    });
    const stop = (): void => end(child);
    cancelling.addEventListener("abort", stop, { once: true });
    if (cancelling.aborted) stop();
    const exitCode = await closed;
    await reports;
    const milliseconds = performance.now() - started;
    return { ...counts, exitCode, milliseconds, cancelled: cancelling.aborted };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Puts the texts that are not on disk where the running process can read them. */
async function prepare(options: ProgramOptions, folder: string): Promise<{ entry: string; setup: RunSetup }> {
  const overlays: Record<string, string> = {};
  const texts = new Map(options.overlays);
  if (options.text !== undefined) texts.set(options.file, options.text);
  let entry = options.file;
  let number = 0;
  for (const [path, text] of texts) {
    const copy = join(folder, `${number++}-${basename(path)}`);
    await writeFile(copy, text);
    overlays[path] = copy;
  }
  const copy = overlays[options.file];
  // Node starts only what is on disk, so a text that was never saved starts from its copy.
  if (copy !== undefined && !existsSync(options.file)) entry = copy;
  return {
    entry,
    setup: { runtime: options.parts.runtime, overlays, folder: options.cwd, activity: options.activity ?? false },
  };
}

function start(options: ProgramOptions, entry: string, setup: RunSetup): ChildProcess {
  const { output } = options;
  const flow = output === "inherit" ? "inherit" : "pipe";
  const { register, runtime } = options.parts;
  const loaders = hasStaticItems(options.file) ? [register, join(runtime, "../items/register.js")] : [register];
  const imports = loaders.flatMap((loader) => ["--import", pathToFileURL(loader).href]);
  const args = ["--enable-source-maps", ...imports, entry, ...(options.args ?? [])];
  return spawn(options.node, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env, [setupVariable]: JSON.stringify(setup) },
    stdio: [output === "inherit" ? "inherit" : "ignore", flow, flow, "pipe"],
    windowsHide: true,
  });
}

function ending(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])));
  });
}

/** Resolves when everything the program had to say was told. */
async function listen(child: ChildProcess, options: ProgramOptions, tell: (event: RunEvent) => void): Promise<void> {
  if (options.output === "events") {
    for (const stream of ["stdout", "stderr"] as const) {
      child[stream]?.setEncoding("utf8").on("data", (text: string) => tell({ kind: "output", stream, text }));
    }
  }
  const channel = child.stdio[reportDescriptor] as Readable;
  channel.on("error", () => {});
  for await (const line of createInterface({ input: channel })) tell(JSON.parse(line) as Report);
}

function count(counts: { started: number; joined: number; panicked: number; killed: number }, event: RunEvent): void {
  if (event.kind === "panic") counts.panicked += 1;
  if (event.kind !== "thread") return;
  if (event.step === "started" || event.step === "joined" || event.step === "killed") counts[event.step] += 1;
}

/** An event in the positions of the file that the user has, in place of the copy that ran. */
function relocated(event: RunEvent, copy: string, file: string): RunEvent {
  const moved = (position: Position | undefined): Position | undefined =>
    position?.file === copy ? { ...position, file } : position;
  switch (event.kind) {
    case "output":
      return { ...event, text: event.text.replaceAll(copy, file) };
    case "thread":
      return { ...event, spawnedAt: moved(event.spawnedAt) };
    case "panic":
      return { ...event, spawnedAt: moved(event.spawnedAt), position: moved(event.position) };
    case "failure":
      return { ...event, position: moved(event.position) };
    case "wait":
      return { ...event, at: moved(event.at) };
    case "program":
    case "closure":
    case "resumed":
      return event;
  }
}

function end(child: ChildProcess): void {
  child.kill("SIGTERM");
  const force = setTimeout(() => child.kill("SIGKILL"), patience);
  child.once("close", () => clearTimeout(force));
}
