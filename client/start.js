// `npm start`: builds, packs the extension, installs it into a real VS Code, and opens that on examples/.
//
//   npm start                    the VS Code server, in your browser
//   npm start -- --no-open       prints the address only
//   npm start -- --port 8123
//   npm start -- --folder path   another folder than examples/
//   npm start -- --desktop       the VS Code on this machine (`code` on the PATH)
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { cacheFolder, root, vscodeTools } from "./host/tools.js";
import { installVsix, startVscodeServer } from "./host/vscodeServer.js";
import { packageVsix } from "./host/vsix.js";

const windows = process.platform === "win32";

function readOptions() {
  const { values } = parseArgs({
    options: {
      port: { type: "string" },
      folder: { type: "string", default: join(root, "examples") },
      desktop: { type: "boolean", default: false },
      open: { type: "boolean", default: true },
    },
    allowNegative: true,
  });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port > 0 && port < 65536)) {
    throw new Error(`--port takes a number from 1 to 65535, not "${values.port}".`);
  }
  const folder = resolve(values.folder);
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  return { ...values, port, folder };
}

/** The bundles, and the runtime's types: without them the examples' imports would mean nothing to the analyser. */
function build() {
  console.log("Building …");
  const typescript = dirname(createRequire(join(root, "package.json")).resolve("typescript/package.json"));
  runNode([join(root, "esbuild.js")]);
  runNode([join(typescript, "bin/tsc"), "-b", join(root, "runtime")]);
}

function runNode(args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: "utf8" });
  if (status !== 0) throw new Error(`${args[0]} failed:\n${stdout}${stderr}`);
}

function openDesktop(vsix, folder) {
  const code = (args) => spawnSync("code", args, { stdio: "inherit", shell: windows });
  const installed = code(["--install-extension", vsix, "--force"]);
  if (installed.error)
    throw new Error("There is no `code` on the PATH. Leave --desktop out to use the VS Code server.");
  if (installed.status !== 0) throw new Error(`code --install-extension failed (exit ${installed.status}).`);
  code([folder]);
}

async function openServer(vsix, options) {
  const tools = await vscodeTools(console.log);
  const extensions = join(cacheFolder, "start", "extensions");
  const data = join(cacheFolder, "start", "data");
  await rm(extensions, { recursive: true, force: true });
  console.log("Installing the extension into VS Code …");
  await installVsix(tools, { vsix, data, extensions });
  const token = randomBytes(16).toString("hex");
  const server = await startVscodeServer({ tools, data, extensions, token, port: options.port });
  const url = server.url(options.folder, openFirst(options.folder, server.port));
  console.log(`\nVS Code is running with Fearless Threads on ${options.folder}\n\n  ${url}\n\nCtrl-C ends it.`);
  if (options.open) openBrowser(url);
  await untilInterrupted();
  await server.stop();
  console.log("\nVS Code has ended.");
}

/** In examples/, the first pitfall is opened: something to see at once. */
function openFirst(folder, port) {
  const file = join(folder, "pitfalls", "1-not-joined.ts");
  if (!existsSync(file)) return {};
  const path = windows ? `/${file.replaceAll("\\", "/")}` : file;
  return { payload: JSON.stringify([["openFile", `vscode-remote://127.0.0.1:${port}${path}`]]) };
}

/** Does nothing where there is no screen; the address has been printed. */
function openBrowser(url) {
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  const openers = { darwin: ["open", [url]], win32: ["explorer", [url]], linux: screen && ["xdg-open", [url]] };
  const opener = openers[process.platform];
  if (!opener) return;
  const child = spawn(opener[0], opener[1], { stdio: "ignore", detached: true });
  child.once("error", () => {});
  child.unref();
}

function untilInterrupted() {
  return new Promise((done) => {
    // Keeps this process alive, whatever becomes of the pipes to the server.
    const alive = setInterval(() => {}, 1 << 30);
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
      process.once(signal, () => {
        clearInterval(alive);
        done(undefined);
      });
    }
  });
}

try {
  const options = readOptions();
  build();
  console.log("Packing the extension …");
  const { path, bytes } = await packageVsix({ log: console.log });
  console.log(`${path} (${(bytes / 1e6).toFixed(1)} MB)`);
  if (options.desktop) openDesktop(path, options.folder);
  else await openServer(path, options);
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
