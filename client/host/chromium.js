/** Finds a Chromium for the tests' window, and says which one it is. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { cacheFolder } from "./tools.js";

/** Set to the path of a Chromium or Chrome to have that one used. */
export const chromiumVariable = "FEARLESS_THREADS_CHROMIUM";

/** Quiet, offline, and able to run as root in a container. */
export const chromiumFlags = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-dev-shm-usage",
];

const names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "msedge"];

const usualPlaces = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
  "C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe",
];

/**
 * Starts Chromium, the first of those below that does start: the path in the environment (then no other is tried), an
 * installed one, the one inside `@sparticuz/chromium`, and as root on Debian the package `chromium`.
 *
 * @param {NodeJS.Require} tools from `browserTools`
 * @param {(line: string) => void} log
 * @returns {Promise<import("playwright-core").Browser>}
 */
export async function launchChromium(tools, log) {
  const { chromium } = tools("playwright-core");
  const tried = [];
  for (const candidate of candidates(tools, log)) {
    try {
      const found = await candidate.find();
      if (!found) {
        tried.push(`  ${candidate.name}: not found`);
        continue;
      }
      const browser = await chromium.launch({ executablePath: found, args: chromiumFlags, headless: true });
      log(`Chromium ${browser.version()} (${candidate.name}: ${found})`);
      return browser;
    } catch (error) {
      tried.push(`  ${candidate.name}: ${String(error.message).split("\n").slice(0, 12).join("\n    ")}`);
    }
  }
  throw new Error(`No Chromium would start. Tried:\n${tried.join("\n")}\nSet ${chromiumVariable} to the path of one.`);
}

function candidates(tools, log) {
  const explicit = process.env[chromiumVariable];
  if (explicit) return [{ name: `$${chromiumVariable}`, find: async () => explicit }];
  return [
    { name: "installed", find: async () => installed() },
    { name: "@sparticuz/chromium", find: () => bundled(tools) },
    { name: "Debian package", find: async () => debianPackage(log) },
  ];
}

function installed() {
  const suffix = process.platform === "win32" ? ".exe" : "";
  const onPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => names.map((name) => join(folder, name + suffix)));
  return [...onPath, ...usualPlaces].find((path) => existsSync(path));
}

async function bundled(tools) {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  // It unpacks itself into the temporary folder; ours is not shared with another user or a half-done run of other software.
  const folder = join(cacheFolder, "host", "chromium");
  await mkdir(folder, { recursive: true });
  const before = process.env.TMPDIR;
  process.env.TMPDIR = folder;
  try {
    const path = await tools("@sparticuz/chromium").executablePath();
    if (!existsSync("/etc/fonts")) process.env.FONTCONFIG_PATH ??= join(folder, "fonts");
    return path;
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
}

function debianPackage(log) {
  if (process.platform !== "linux" || process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return undefined;
  log("Installing the Debian package chromium …");
  for (const args of [
    ["update", "-qq"],
    ["install", "-y", "-qq", "--no-install-recommends", "chromium"],
  ]) {
    const { status, stderr } = spawnSync("apt-get", args, {
      encoding: "utf8",
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    if (status !== 0) throw new Error(`apt-get ${args[0]} failed: ${stderr.trim()}`);
  }
  return installed();
}
