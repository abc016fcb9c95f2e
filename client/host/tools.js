/**
 * Installs what the real-VS-Code host is made of, on first use, into a cache folder of this repository.
 *
 * The tools stay out of the project's own dependency tree: they weigh 0.7 GB and nobody who only builds needs them.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));

/** The repository's root. */
export const root = join(here, "..", "..");

/** Everything that is made on first use and may be deleted at any time. */
export const cacheFolder = process.env.FEARLESS_THREADS_CACHE ?? join(root, ".cache");

/** The oldest Node that the VS Code server runs on. */
const serverNodeMajor = 24;

/** Folders whose own lockfile the npm package leaves uninstalled. */
const nestedInstalls = ["node_modules/code-server/lib/vscode", "node_modules/code-server/lib/vscode/extensions"];

/** Native modules that would have to be built, and what stands in for them here. */
const standIns = {
  "node_modules/code-server/lib/vscode/node_modules/@vscode/spdlog/index.js": "spdlog.cjs",
  "node_modules/code-server/lib/vscode/node_modules/@vscode/native-watchdog/index.js": "watchdog.cjs",
};

/**
 * The VS Code server and the Node that runs it.
 * @param {(line: string) => void} log one line of progress at a time
 * @returns {Promise<{ node: string, server: string, extensions: string }>}
 */
export async function vscodeTools(log) {
  const folder = await install({
    name: "vscode",
    what: "the VS Code server (once, about 0.6 GB)",
    nested: nestedInstalls,
    standIns,
    log,
  });
  const code = join(folder, "node_modules/code-server/lib/vscode");
  return {
    node: await serverNode(folder),
    server: join(code, "out/server-main.js"),
    extensions: join(code, "extensions"),
  };
}

/**
 * playwright-core, which drives a Chromium window.
 * @param {(line: string) => void} log
 * @returns {Promise<NodeJS.Require>} resolves packages of the browser tools
 */
export async function browserTools(log) {
  const folder = await install({
    name: "browser",
    what: "the tools that drive the window (once)",
    nested: [],
    standIns: {},
    log,
  });
  return createRequire(join(folder, "package.json"));
}

/**
 * What downloads and starts a desktop VS Code.
 * @param {(line: string) => void} log
 * @returns {Promise<NodeJS.Require>}
 */
export async function desktopTools(log) {
  const folder = await install({
    name: "desktop",
    what: "the tools that start a desktop VS Code (once)",
    nested: [],
    standIns: {},
    log,
  });
  return createRequire(join(folder, "package.json"));
}

async function serverNode(folder) {
  if (Number(process.versions.node.split(".")[0]) === serverNodeMajor) return process.execPath;
  const modules = join(folder, "node_modules");
  for (const name of (await readdir(modules)).filter((name) => /^node-(bin-)?(linux|darwin|win)-/.test(name))) {
    const { bin } = JSON.parse(await readFile(join(modules, name, "package.json"), "utf8"));
    return join(modules, name, bin.node);
  }
  throw new Error(
    `The VS Code server needs Node ${serverNodeMajor} and there is no prebuilt one for ${process.platform}-${process.arch}. ` +
      `Run this command with Node ${serverNodeMajor}, or use \`npm start -- --desktop\`.`,
  );
}

/**
 * Installs tools/<name> unless this very lockfile (and stand-ins) was installed before. It is made under a temporary name and renamed
 * when complete, so a run that was interrupted leaves nothing that looks finished.
 */
async function install({ name, what, nested, standIns, log }) {
  const source = join(here, "tools", name);
  const hash = createHash("sha256");
  for (const file of ["package-lock.json", ...Object.values(standIns)]) hash.update(await readFile(join(source, file)));
  const digest = hash.digest("hex").slice(0, 12);
  const target = join(cacheFolder, "host", `${name}-${digest}`);
  if (existsSync(join(target, "complete"))) return target;

  log(`Installing ${what} …`);
  const started = performance.now();
  await mkdir(dirname(target), { recursive: true });
  const making = await mkdtemp(`${target}.`);
  try {
    for (const file of ["package.json", "package-lock.json"]) await copyFile(join(source, file), join(making, file));
    await npm(making, ["ci"]);
    for (const folder of nested) {
      log(`  … ${folder.replace("node_modules/code-server/", "")}`);
      await npm(join(making, folder), ["install", "--omit=dev"]);
    }
    for (const [place, file] of Object.entries(standIns)) await copyFile(join(source, file), join(making, place));
    await writeFile(join(making, "complete"), "");
    await rm(target, { recursive: true, force: true });
    await rename(making, target).catch((error) => {
      // Another run finished the same install a moment earlier.
      if (!existsSync(join(target, "complete"))) throw error;
    });
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  log(`Installed in ${((performance.now() - started) / 1000).toFixed(0)} s: ${target}`);
  return target;
}

/** Scripts are off: the native modules they would build are not needed, and need compilers and headers. */
function npm(cwd, args) {
  // What npm exports to the script that runs us would point this npm at the wrong project.
  const env = Object.fromEntries(Object.entries(process.env).filter(([key]) => !isOuterNpmSetting(key)));
  return new Promise((resolve, reject) => {
    const child = spawn("npm", [...args, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"], {
      cwd,
      env,
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(undefined);
      else reject(new Error(`npm ${args.join(" ")} failed in ${cwd} (exit ${code}):\n${output.trim()}`));
    });
  });
}

function isOuterNpmSetting(key) {
  return (
    /^npm_(package|lifecycle|command|execpath|node_execpath)/i.test(key) ||
    /^npm_config_(local_prefix|workspace)/i.test(key)
  );
}
