/**
 * Packages the extension for one platform, since the compiler that it carries is native.
 *
 * It is packed in a folder of its own: another platform's compiler must never lie where this checkout would run it.
 */
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { cacheFolder, root } from "./tools.js";

/** `.vscodeignore` says which of the files below these ship. */
const sources = [
  ".vscodeignore",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
  "client/icon.png",
  "client/dist",
  "client/lessons",
  "client/walkthrough",
  "examples/lessons",
  "examples/pitfalls",
  "server/dist",
  "server/schema",
  "runtime/LICENSE",
  "runtime/package.json",
  "runtime/dist",
  "snippets",
  "syntaxes",
];

/** One file of each step of the build, to see that it has run. */
const builtFiles = [
  "client/dist/extension.cjs",
  "client/dist/timeline.js",
  "client/dist/ThirdPartyNotices.txt",
  "server/dist/server.js",
  "runtime/dist/index.js",
  "runtime/dist/index.d.ts",
];

/** Beside the server's bundle, where the server looks first. */
const compilerFolder = "server/dist/compiler";

/** Keys of the root manifest that are about the repository and not about the extension. */
const repositoryKeys = ["private", "scripts", "workspaces", "devDependencies"];

/** `linux-x64`, `darwin-arm64` …: VS Code's name for a platform, the same that TypeScript uses for its packages. */
export const thisPlatform = `${process.platform}-${process.arch}`;

/**
 * Packs what `npm run build` has built.
 * @param {{ target?: string, log: (line: string) => void }} options
 * @returns {Promise<{ path: string, bytes: number }>}
 */
export async function packageVsix({ target = thisPlatform, log }) {
  for (const built of builtFiles) {
    if (!existsSync(join(root, built))) throw new Error(`${built} is missing. Run \`npm run build\` first.`);
  }
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
  const folder = join(cacheFolder, "vsix");
  await mkdir(folder, { recursive: true });
  const staging = await mkdtemp(join(folder, "staging-"));
  try {
    for (const source of sources.filter((source) => existsSync(join(root, source)))) {
      await cp(join(root, source), join(staging, source), { recursive: true });
    }
    const shipped = Object.entries(manifest).filter(([key]) => !repositoryKeys.includes(key));
    await writeFile(join(staging, "package.json"), `${JSON.stringify(Object.fromEntries(shipped), undefined, 2)}\n`);
    await addCompiler(target, staging, log);
    const path = join(folder, `fearless-threads-${target}-${manifest.version}.vsix`);
    await vsce(staging, ["package", "--target", target, "--out", path, ...packFlags]);
    return { path, bytes: (await stat(path)).size };
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/** There is no dependency to pack, since the bundles hold them; and no public repository that links could lead to. */
const packFlags = ["--no-dependencies", "--allow-missing-repository", "--no-rewrite-relative-links"];

async function addCompiler(target, staging, log) {
  const here = createRequire(join(root, "package.json"));
  const { version } = JSON.parse(await readFile(here.resolve("typescript/package.json"), "utf8"));
  const name = `@typescript/typescript-${target}`;
  let source = join(root, "node_modules", name);
  if (!existsSync(source)) {
    log(`Fetching ${name}@${version} …`);
    source = await fetchPackage(name, version);
  }
  await cp(join(source, "lib"), join(staging, compilerFolder), { recursive: true });
  for (const file of ["LICENSE", "NOTICE.txt"]) await cp(join(source, file), join(staging, compilerFolder, file));
}

/** Another platform's compiler: npm refuses to install it here, but not to hand it over. */
async function fetchPackage(name, version) {
  const folder = join(cacheFolder, "vsix", "compilers", `${name.split("/")[1]}-${version}`);
  const unpacked = join(folder, "package");
  if (existsSync(unpacked)) return unpacked;
  await mkdir(folder, { recursive: true });
  await run("npm", ["pack", `${name}@${version}`, "--pack-destination", folder, "--loglevel=error"], root);
  const archive = (await readdir(folder)).find((file) => file.endsWith(".tgz"));
  await run("tar", ["-xzf", archive], folder);
  return unpacked;
}

async function vsce(cwd, args) {
  const entry = join(dirname(createRequire(join(root, "package.json")).resolve("@vscode/vsce/package.json")), "vsce");
  return run(process.execPath, [entry, ...args], cwd);
}

/** @returns {Promise<string>} what it printed */
function run(command, args, cwd) {
  return new Promise((resolve, reject) => {
    const shell = process.platform === "win32" && command === "npm";
    const child = spawn(command, args, { cwd, shell, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    child.stdout.on("data", (chunk) => (output += chunk));
    child.stderr.on("data", (chunk) => (output += chunk));
    child.once("error", reject);
    child.once("close", (code) => {
      if (code === 0) resolve(output);
      else reject(new Error(`${command} ${args.slice(0, 3).join(" ")} failed (exit ${code}):\n${output.trim()}`));
    });
  });
}
