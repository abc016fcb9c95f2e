/** One native compiler process, and the way to it. */
import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { API } from "typescript/async";
import { CompilerUnavailable } from "./unavailable.js";
import { startWatchdog } from "./watchdog.js";

export interface CompilerProcess {
  readonly api: API;
  readonly pid: number;
  /** Resolves once, with what ended it, as soon as the process is gone. */
  readonly exited: Promise<string>;
  /** Ends it at once, whatever it is doing. */
  kill(): void;
  /** Closes the connection to a process that is gone. Only where nothing can be asked any more. */
  hangUp(): void;
}

/**
 * Starts a compiler and connects to it.
 *
 * The compiler is started here and not by the API, which gives no way to kill a busy one. The API connects to a socket
 * of ours whose other end becomes the compiler's input and output. That end stays open here too, so that the API sees
 * no hanging up when the compiler dies: a request sent at that moment would end in a rejection that nobody can
 * catch, and with it our own process.
 *
 * @param deadline Milliseconds that a new process may take to say its first word.
 * @throws {CompilerUnavailable}
 */
export async function startProcess(executable: string, cwd: string, deadline: number): Promise<CompilerProcess> {
  const notStarted = (why: string) =>
    new CompilerUnavailable("start-failed", `The TypeScript compiler ${executable} did not start: ${why}.`, {
      help: "Check that it can be executed, and that the temporary folder can be written to.",
    });
  const { api, greeted, socket } = await connect().catch((error: unknown) => {
    throw notStarted(error instanceof Error ? error.message : String(error));
  });
  const options: SpawnOptions = { cwd, windowsHide: true, stdio: stdioFor(socket) };
  const child = spawn(executable, ["--api", "--async", "--cwd", cwd], options);
  const exited = whatEnds(child);
  // Nobody sends anything any more a moment after the end.
  void exited.then(() => setTimeout(() => socket.destroy(), 1000).unref());
  const { pid } = child;
  if (pid === undefined) throw notStarted(await exited);
  const watchdog = startWatchdog(pid);
  void exited.then(() => watchdog.stop());
  const kill = () => void child.kill("SIGKILL");
  if (child.stdin && child.stdout) bridge(socket, child);

  const timer = setTimeout(kill, deadline);
  const why = await Promise.race([greeted.then(() => undefined), exited]);
  clearTimeout(timer);
  if (why !== undefined) throw notStarted(why);
  return { api, pid, exited, kill, hangUp: () => void socket.destroy() };
}

/** The API, connected to a socket at an address that only this user can find or enter. */
async function connect() {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true });
  const place = makePlace();
  try {
    server.listen(place.address);
    await once(server, "listening");
    const api = new API({ pipe: place.address });
    const connection = once(server, "connection");
    // The API connects with its first request, and the answer says that the compiler speaks.
    const greeted = api.parseCommandLine([]);
    greeted.catch(() => {});
    const [socket]: Socket[] = await connection;
    if (!socket) throw new Error("nothing connected");
    socket.on("error", () => {});
    return { api, greeted, socket };
  } finally {
    server.close();
    place.remove();
  }
}

function makePlace(): { readonly address: string; remove(): void } {
  if (process.platform === "win32") {
    return { address: `\\\\.\\pipe\\fearless-threads-${randomBytes(16).toString("hex")}`, remove: () => {} };
  }
  const directory = mkdtempSync(join(tmpdir(), "fearless-threads-"));
  return { address: join(directory, "socket"), remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** The socket itself, which saves a copy of every answer. Windows' named pipes cannot be handed on. */
function stdioFor(socket: Socket): SpawnOptions["stdio"] {
  return process.platform === "win32" ? ["pipe", "pipe", "pipe"] : [socket, socket, "pipe"];
}

function bridge(socket: Socket, child: ChildProcess): void {
  const { stdin, stdout } = child;
  if (!stdin || !stdout) return;
  // Errors say that one side went away, which the process's end says better.
  for (const stream of [stdin, stdout]) stream.on("error", () => {});
  socket.pipe(stdin);
  stdout.pipe(socket, { end: false });
}

function whatEnds(child: ChildProcess): Promise<string> {
  let complaint = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(0, 2000);
  });
  return new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    // A crash says what it is in its first lines; hundreds of lines of stack follow.
    const said = () => complaint.split("\n", 2).join(" ").trim();
    child.once("exit", (code, signal) => resolve(`it ended with ${signal ?? `code ${code}`}. ${said()}`.trim()));
  });
}
