/** What kills a compiler that we leave behind. */
import { spawn } from "node:child_process";

/**
 * An idle compiler ends when we end, since its input closes. A busy one goes on for as long as it is busy, though
 * nobody is left to hear the answer. So a small process waits for the end of ours, which closes the pipe between the
 * two however we end, and then kills the compiler.
 */
export function startWatchdog(pid: number): { stop(): void } {
  const [command, ...args] =
    process.platform === "win32"
      ? [process.execPath, "-e", windowsScript, String(pid)]
      : ["/bin/sh", "-c", posixScript, "fearless-threads-watchdog", String(pid)];
  const dog = spawn(command ?? "", args, {
    stdio: ["pipe", "ignore", "ignore"],
    // A group of its own, so that Ctrl+C in a terminal does not end it before us.
    detached: true,
    windowsHide: true,
    cwd: "/",
    // The server can run inside an Electron application, whose executable is only Node when asked to be.
    env: { ...process.env, ELECTRON_RUN_AS_NODE: "1" },
  });
  // Without a watchdog everything works but the rare orphan.
  dog.on("error", () => {});
  dog.stdin.on("error", () => {});
  dog.unref();
  if ("unref" in dog.stdin && typeof dog.stdin.unref === "function") dog.stdin.unref();
  return { stop: () => void dog.stdin.end("done\n") };
}

/** A line means that the compiler is gone; an end without one that we are. */
const posixScript = 'read -r _ || kill -9 "$1"';

const windowsScript = `
let told = false;
process.stdin.on("data", () => { told = true; });
process.stdin.on("close", () => { if (!told) try { process.kill(Number(process.argv[1]), "SIGKILL"); } catch {} });`;
