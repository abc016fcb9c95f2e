/** One native compiler process, on a private socket. */
import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { API } from "typescript/async";
import { CompilerUnavailable } from "./unavailable.js";

export interface CompilerProcess {
  readonly api: API;
  readonly pid: number;
  /** Resolves once, with what ended it, as soon as the process is gone. */
  readonly exited: Promise<string>;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
}

/**
 * Starts a compiler and connects to it.
 *
 * The compiler is started here and not by the API, since the API gives no way to kill a busy one.
 *
 * @param startDeadline Milliseconds until a compiler that has not opened its socket is given up.
 * @throws {CompilerUnavailable}
 */
export async function startProcess(executable: string, cwd: string, startDeadline: number): Promise<CompilerProcess> {
  const place = makePlace();
  const child = spawn(executable, ["--api", "--async", "--pipe", place.argument, "--cwd", cwd], {
    cwd,
    stdio: ["ignore", "ignore", "pipe"],
    windowsHide: true,
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  const watchdog = startWatchdog(child, place.directory);
  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}. ${complaint}`.trim()));
  });
  let gone = false;
  void exited.then(() => {
    gone = true;
    watchdog.stop();
    rmSync(place.directory, { recursive: true, force: true });
  });
  const start = performance.now();
  while (!gone && !place.ready()) {
    if (performance.now() - start > startDeadline) {
      child.kill("SIGKILL");
      throw notStarted(executable, `it did not open its socket within ${startDeadline} ms`);
    }
    await sleep(2);
  }
  if (gone) throw notStarted(executable, await exited);
  return {
    api: new API({ pipe: place.address }),
    pid: child.pid ?? 0,
    exited,
    kill: () => void child.kill("SIGKILL"),
  };
}

function notStarted(executable: string, why: string): CompilerUnavailable {
  return new CompilerUnavailable("start-failed", `The TypeScript compiler ${executable} did not start: ${why}.`, {
    help: "Check that it can be executed, and that the temporary folder can be written to.",
  });
}

interface Place {
  /** Ours, removed with the process. */
  readonly directory: string;
  readonly argument: string;
  readonly address: string;
  ready(): boolean;
}

function makePlace(): Place {
  const directory = mkdtempSync(join(tmpdir(), "fearless-threads-"));
  if (process.platform === "win32") {
    const address = `\\\\.\\pipe\\fearless-threads-${randomBytes(16).toString("hex")}`;
    return { directory, argument: address, address, ready: () => existsSync(address) };
  }
  // The compiler makes this directory, for its user only, and refuses one that exists.
  const argument = join(directory, "pipe");
  const address = join(argument, "socket");
  return { directory, argument, address, ready: () => existsSync(address) };
}

/**
 * An idle compiler ends when its socket closes, but a busy one goes on for as long as it is busy, though nobody is
 * left to hear the answer. So a small process of its own waits for the end of ours, which closes the pipe between
 * the two however we end, and then kills the compiler.
 */
function startWatchdog(child: ChildProcess, directory: string): { stop(): void } {
  const pid = String(child.pid ?? 0);
  if (child.pid === undefined) return { stop: () => {} };
  const dog =
    process.platform === "win32"
      ? spawn(process.execPath, ["-e", windowsWatchdog, pid, directory], {
          stdio: ["pipe", "ignore", "ignore"],
          env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
          windowsHide: true,
          detached: true,
        })
      : spawn("/bin/sh", ["-c", posixWatchdog, "fearless-threads-watchdog", pid, directory], {
          stdio: ["pipe", "ignore", "ignore"],
          detached: true,
        });
  dog.on("error", () => {});
  dog.stdin.on("error", () => {});
  dog.unref();
  return { stop: () => void dog.stdin.end("done\n") };
}

const posixWatchdog = 'cd /; trap "" INT TERM HUP; read -r _ || { kill -9 "$1"; rm -rf "$2"; }';
const windowsWatchdog = `
let told = false;
process.stdin.on("data", () => { told = true; });
process.stdin.on("close", () => {
  if (told) return;
  try { process.kill(Number(process.argv[1]), "SIGKILL"); } catch {}
  require("node:fs").rmSync(process.argv[2], { recursive: true, force: true });
});`;
