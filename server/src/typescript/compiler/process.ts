/** One native compiler process, and the way to it. */
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable, Writable } from "node:stream";
import { API } from "typescript/async";
import { CompilerUnavailable } from "./unavailable.js";
import { startWatchdog } from "./watchdog.js";

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

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
 * The compiler is started here and not by the API, which gives no way to kill a busy one. The API connects to a socket
 * of ours, and we pass the bytes on to the compiler: were it connected to the compiler itself, a request sent in the
 * moment of the compiler's death would end in a rejection that nobody can catch, and with it our own process.
 *
 * @throws {CompilerUnavailable}
 */
export async function startProcess(executable: string, cwd: string): Promise<CompilerProcess> {
  const child = spawn(executable, ["--api", "--async", "--cwd", cwd], { cwd, stdio: "pipe", windowsHide: true });
  const exited = whatEnds(child);
  const { pid } = child;
  if (pid === undefined) throw notStarted(executable, await exited);
  const watchdog = startWatchdog(pid);
  void exited.then(() => watchdog.stop());
  try {
    const address = await openBridge(child, exited);
    return { api: new API({ pipe: address }), pid, exited, kill: () => void child.kill("SIGKILL") };
  } catch (error) {
    child.kill("SIGKILL");
    throw notStarted(executable, error instanceof Error ? error.message : String(error));
  }
}

function whatEnds(child: Child): Promise<string> {
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-2000);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}. ${complaint}`.trim()));
  });
}

function notStarted(executable: string, why: string): CompilerUnavailable {
  return new CompilerUnavailable("start-failed", `The TypeScript compiler ${executable} did not start: ${why}.`, {
    help: "Check that it can be executed, and that the temporary folder can be written to.",
  });
}

/** Listens at an address that only this user can find or enter, for the one connection of the API. */
async function openBridge(child: Child, exited: Promise<unknown>): Promise<string> {
  const server = createServer({ allowHalfOpen: true });
  const place = makePlace();
  server.listen(place.address);
  await once(server, "listening");
  const done = () => {
    server.close();
    place.remove();
  };
  server.once("connection", (socket) => {
    done();
    bridge(socket, child, exited);
  });
  void exited.then(done);
  return place.address;
}

function makePlace(): { readonly address: string; remove(): void } {
  if (process.platform === "win32") {
    return { address: `\\\\.\\pipe\\fearless-threads-${randomBytes(16).toString("hex")}`, remove: () => {} };
  }
  const directory = mkdtempSync(join(tmpdir(), "fearless-threads-"));
  return { address: join(directory, "socket"), remove: () => rmSync(directory, { recursive: true, force: true }) };
}

function bridge(socket: Socket, child: Child, exited: Promise<unknown>): void {
  // Errors say that one side went away, which `exited` says better.
  for (const stream of [socket, child.stdin, child.stdout]) stream.on("error", () => {});
  socket.setNoDelay(true);
  socket.pipe(child.stdin);
  child.stdout.pipe(socket, { end: false });
  // What the API still sends when the compiler is gone is swallowed; nobody sends anything a moment later.
  void exited.then(() => {
    socket.unpipe();
    socket.resume();
    setTimeout(() => socket.destroy(), 1000).unref();
  });
}
