/** Starts and stops the VS Code server: a real workbench and extension host, with a browser as its window. */
import { execFile, spawn } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

/** Keeps the first screen to the project: no welcome, no chat, no telemetry, no questions. */
const quietSettings = {
  "chat.disableAIFeatures": true,
  "extensions.ignoreRecommendations": true,
  "git.openRepositoryInParentFolders": "never",
  "telemetry.telemetryLevel": "off",
  "update.showReleaseNotes": false,
  "workbench.enableExperiments": false,
  "workbench.startupEditor": "none",
  "workbench.secondarySideBar.defaultVisibility": "hidden",
  "workbench.tips.enabled": false,
};

/**
 * @typedef {object} ServerOptions
 * @property {{ node: string, server: string }} tools from `vscodeTools`
 * @property {string} data folder for the server's state; made if missing
 * @property {string} extensions folder that installed extensions live in
 * @property {number} [port] 0 or nothing for any free one
 * @property {string} [token] what the URL must carry to be let in; nothing lets in every process of this machine
 * @property {Record<string, unknown>} [settings] on top of the quiet ones
 * @property {NodeJS.ProcessEnv} [env]
 * @property {string[]} [flags]
 */

/**
 * @param {ServerOptions} options
 * @returns {Promise<{ port: number, pid: number, url: (folder: string, parameters?: Record<string, string>) => string,
 *   output: () => string, stop: () => Promise<void> }>}
 */
export async function startVscodeServer(options) {
  const port = options.port || (await freePort());
  await writeSettings(options);
  const child = spawn(
    options.tools.node,
    [
      options.tools.server,
      "--accept-server-license-terms",
      ...(options.token ? ["--connection-token", options.token] : ["--without-connection-token"]),
      "--host",
      "127.0.0.1",
      "--port",
      String(port),
      "--server-data-dir",
      options.data,
      "--extensions-dir",
      options.extensions,
      "--telemetry-level",
      "off",
      "--disable-workspace-trust",
      ...(options.flags ?? []),
    ],
    // A group of its own: Ctrl-C in the terminal reaches us alone, and we end the server in order.
    {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      detached: process.platform !== "win32",
    },
  );
  const { output, ready, closed } = observe(child);
  const stop = () => stopGroup(child, closed);
  try {
    await ready;
  } catch (error) {
    await stop();
    throw error;
  }
  const url = (folder, parameters = {}) => {
    const query = new URLSearchParams({ ...(options.token ? { tkn: options.token } : {}), folder, ...parameters });
    return `http://127.0.0.1:${port}/?${query}`;
  };
  return { port, pid: child.pid, url, output, stop };
}

/** Installs a VSIX into an extensions folder, with VS Code's own installer. */
export async function installVsix(tools, { vsix, data, extensions }) {
  await mkdir(extensions, { recursive: true });
  const args = ["--accept-server-license-terms", "--server-data-dir", data, "--extensions-dir", extensions];
  const run = promisify(execFile)(tools.node, [tools.server, ...args, "--install-extension", vsix, "--force"]);
  const { stdout, stderr } = await run;
  if (!/successfully installed/.test(stdout)) throw new Error(`VS Code did not install ${vsix}:\n${stdout}${stderr}`);
}

async function writeSettings({ data, settings = {} }) {
  const folder = join(data, "data", "Machine");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "settings.json"), JSON.stringify({ ...quietSettings, ...settings }, undefined, 2));
}

function observe(child) {
  let text = "";
  const closed = new Promise((resolve) => child.once("close", resolve));
  const ready = new Promise((resolve, reject) => {
    const read = (chunk) => {
      text += chunk;
      if (/Extension host agent listening on/.test(text)) resolve(undefined);
    };
    child.stdout.on("data", read);
    child.stderr.on("data", read);
    child.once("error", reject);
    closed.then((code) => reject(new Error(`The VS Code server ended at its start (exit ${code}):\n${text}`)));
  });
  ready.catch(() => {});
  return { output: () => text, ready, closed };
}

/** Ends the server and what it started, and waits until all of it is gone: until then it may still write to its folders. */
async function stopGroup(child, closed) {
  if (child.pid === undefined) return;
  let killed = false;
  const late = setTimeout(() => {
    signalGroup(child, "SIGKILL");
    killed = true;
  }, 3000);
  signalGroup(child, "SIGTERM");
  if (child.exitCode === null && child.signalCode === null) await closed;
  // What was killed writes nothing any more, though a container may keep it in its list for ever.
  while (!killed && process.platform !== "win32" && isThere(-child.pid)) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  clearTimeout(late);
}

/** Whether there is a process, or with a negative number a process of a group. */
function isThere(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function signalGroup(child, signal) {
  try {
    if (process.platform === "win32") child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It has ended in between.
  }
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
