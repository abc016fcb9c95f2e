/** The three parts of the suite, each of which resolves to its exit code. */
import { spawn } from "node:child_process";
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { launchChromium } from "../../../client/host/chromium.js";
import { browserTools, cacheFolder, desktopTools, root, vscodeTools } from "../../../client/host/tools.js";
import { startVscodeServer } from "../../../client/host/vscodeServer.js";
import { makeWorkspace } from "./workspace.js";

/** A window that says nothing for so long has hung, in milliseconds: longer than any test of the suite may take. */
const silence = 300_000;

export const runNode = (grep) => mocha("test/vscode/node/**/*.test.ts", grep);

export async function runWindow(grep) {
  // Installed here, so that a test's time is its own.
  await vscodeTools(console.log);
  await browserTools(console.log);
  return mocha("test/vscode/window/**/*.test.ts", grep);
}

function mocha(files, grep) {
  const entry = createRequire(import.meta.url).resolve("mocha/bin/mocha.js");
  const args = [entry, files, "--reporter", process.env.CI ? "dot" : "spec", ...(grep ? ["--grep", grep] : [])];
  const child = spawn(process.execPath, args, { cwd: root, stdio: "inherit" });
  return new Promise((resolve) => child.once("close", (code) => resolve(code ?? 1)));
}

/** The suite inside the extension host; its mocha prints through the window. */
export async function runSuite(grep) {
  const tools = await vscodeTools(console.log);
  const browsing = await browserTools(console.log);
  const entry = await bundleSuite(join(root, "test/vscode/out"));
  const workspace = await makeWorkspace();
  const state = await mkdtemp(join(cacheFolder, "suite-"));
  const extensions = join(state, "extensions");
  const report = join(state, "report.txt");
  writeFileSync(report, "");
  const env = { FEARLESS_THREADS_TEST_GREP: grep ?? "", FEARLESS_THREADS_TEST_REPORT: report };
  let server;
  let browser;
  try {
    server = await startVscodeServer({ tools, data: state, extensions, env, flags: ["--enable-smoke-test-driver"] });
    browser = await launchChromium(browsing, console.log);
    const remote = `vscode-remote://127.0.0.1:${server.port}`;
    const payload = [
      ["extensionDevelopmentPath", `${remote}${root}`],
      ["extensionTestsPath", `${remote}${entry}`],
      ["skipWelcome", "true"],
    ];
    const url = server.url(workspace.folder, { payload: JSON.stringify(payload) });
    return await suiteInWindow(browser, url, report);
  } finally {
    await browser?.close();
    await server?.stop();
    await workspace.remove();
    await rm(state, { recursive: true, force: true });
  }
}

/** What VS Code itself says while the suite runs; the first place to look when the suite does not start. */
const windowLog = join(root, "test/vscode/out/window.log");

async function suiteInWindow(browser, url, report) {
  writeFileSync(windowLog, "");
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
  const progress = follow(report);
  const exit = new Promise((resolve) => void page.exposeFunction("codeAutomationExit", resolve));
  await page.exposeFunction("codeAutomationLog", (_type, args) => appendFileSync(windowLog, `${args.join(" ")}\n`));
  await page.goto(url);
  try {
    return await Promise.race([exit, progress.hung]);
  } finally {
    progress.stop();
  }
}

/** Prints a growing file as it grows. `hung` rejects when it has stopped growing for too long. */
function follow(file) {
  let printed = 0;
  let heard = performance.now();
  const print = () => {
    const text = readFileSync(file, "utf8");
    if (text.length === printed) return;
    process.stdout.write(text.slice(printed));
    printed = text.length;
    heard = performance.now();
  };
  let timer;
  const hung = new Promise((_, reject) => {
    timer = setInterval(() => {
      print();
      if (performance.now() - heard > silence) reject(new Error(`Silent for ${silence / 1000} s; see ${windowLog}`));
    }, 100);
  });
  const stop = () => {
    clearInterval(timer);
    print();
  };
  return { hung, stop };
}

/** The same suite in a desktop VS Code, which is downloaded: for machines that can. */
export async function runDesktop(grep) {
  const tools = await desktopTools(console.log);
  const entry = await bundleSuite(join(root, "test/vscode/out"));
  const workspace = await makeWorkspace();
  const state = await mkdtemp(join(cacheFolder, "desktop-"));
  const report = join(state, "report.txt");
  writeFileSync(report, "");
  const progress = follow(report);
  try {
    const { runTests } = tools("@vscode/test-electron");
    const tests = runTests({
      extensionDevelopmentPath: root,
      extensionTestsPath: entry,
      extensionTestsEnv: { FEARLESS_THREADS_TEST_GREP: grep ?? "", FEARLESS_THREADS_TEST_REPORT: report },
      launchArgs: [workspace.folder, "--disable-workspace-trust", "--skip-welcome", `--user-data-dir=${state}`],
    });
    return await Promise.race([tests, progress.hung]);
  } finally {
    progress.stop();
    await workspace.remove();
    await rm(state, { recursive: true, force: true });
  }
}

async function bundleSuite(outdir) {
  const folder = join(root, "test/vscode/suite");
  const tests = (await readdir(folder)).filter((name) => name.endsWith(".test.ts"));
  const load = tests.map((name) => `import "./${name}";`).join("\n");
  const outfile = join(outdir, "suite.cjs");
  await esbuild.build({
    stdin: { contents: `export { run } from "./mocha.ts";`, resolveDir: folder, loader: "ts" },
    outfile,
    bundle: true,
    platform: "node",
    format: "cjs",
    target: "node20.19",
    sourcemap: "inline",
    logLevel: "error",
    external: ["vscode", "mocha"],
    plugins: [
      {
        name: "tests",
        setup(build) {
          build.onResolve({ filter: /^tests:all$/ }, () => ({ path: "all", namespace: "tests" }));
          build.onLoad({ filter: /.*/, namespace: "tests" }, () => ({ contents: load, resolveDir: folder }));
        },
      },
    ],
  });
  return outfile;
}
