/** `--watch`, Ctrl-C, and the line that says how far a run is. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { captured, forgotten, makeProject, moved, unrelated } from "../lsp/fixture.js";
import type { Folder } from "../support/folder.js";
import { bin } from "./command.js";

describe("cli: check --watch", function () {
  this.timeout(60_000);
  let folder: Folder;
  let child: ChildProcess;
  let stdout = "";
  beforeEach(() => {
    folder = makeProject({ "src/a.ts": captured, "src/plain.ts": unrelated });
    stdout = "";
    child = spawn(process.execPath, [bin, "check", "src", "--watch"], {
      cwd: folder.root,
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout?.setEncoding("utf8").on("data", (chunk: string) => {
      stdout += chunk;
    });
  });
  afterEach(async () => {
    if (child.exitCode === null) {
      child.kill("SIGINT");
      await once(child, "exit");
    }
    folder.remove();
  });

  /** Waits for a summary line after a change. One change may be seen as two, and bring a line before it or twice. */
  async function untilSummary(expected: string, change: () => void = () => {}): Promise<void> {
    const seen = stdout.length;
    change();
    const summaries = (): readonly string[] =>
      [...stdout.slice(seen).matchAll(/^(\d+ problems?).* in (\d+ files?) /gm)].map(
        (line) => `${line[1]} in ${line[2]}`,
      );
    for (const end = Date.now() + 50_000; !summaries().includes(expected); ) {
      assert.equal(child.exitCode, null, "it must not end by itself");
      assert.ok(Date.now() < end, `"${expected}" must be said, not ${JSON.stringify(summaries())}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  it("checks again on every change, also of files and folders that come and go, and of the config", async () => {
    await untilSummary("1 problem in 2 files");
    await untilSummary("0 problems in 2 files", () => folder.write("src/a.ts", moved));
    await untilSummary("1 problem in 3 files", () => folder.write("src/b.ts", forgotten));
    await untilSummary("2 problems in 4 files", () => folder.write("src/new/c.ts", forgotten));
    await untilSummary("0 problems in 4 files", () =>
      folder.write("src/fearless-threads.config.json", '{ "rules": { "unjoined-handle": "off" } }'),
    );
    await untilSummary("2 problems in 4 files", () => rmSync(folder.path("src/fearless-threads.config.json")));
    await untilSummary("1 problem in 3 files", () => rmSync(folder.path("src/new"), { recursive: true }));
  });

  it("follows a change to the files that import the one that changed", async () => {
    const user = `import { begin } from "./begin.js";\nexport function main(): void {\n  begin();\n}\n`;
    await untilSummary("1 problem in 2 files");
    await untilSummary("1 problem in 3 files", () => folder.write("src/user.ts", user));
    const begin = `import { thread } from "fearless-threads";\nexport const begin = () => thread.spawn(() => 1);\n`;
    await untilSummary("2 problems in 4 files", () => folder.write("src/begin.ts", begin));
    await untilSummary("1 problem in 4 files", () =>
      folder.write("src/begin.ts", begin.replace("1);", "1).detach();")),
    );
  });

  it("checks a file that went and came back", async () => {
    await untilSummary("1 problem in 2 files");
    await untilSummary("0 problems in 1 file", () => rmSync(folder.path("src/a.ts")));
    await untilSummary("1 problem in 2 files", () => folder.write("src/a.ts", forgotten));
  });

  it("ends on Ctrl-C, with its compiler", async () => {
    await untilSummary("1 problem in 2 files");
    const children = childrenOf(child.pid ?? 0);
    if (process.platform === "linux") assert.ok(children.length > 0, "there is a compiler");
    child.kill("SIGINT");
    const [code] = await once(child, "exit");
    assert.equal(code, 0);
    await gone(children);
  });
});

describe("cli: stopping a check", function () {
  this.timeout(60_000);

  for (const [signal, expected] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    it(`leaves nothing behind on ${signal}, wherever it comes`, async () => {
      const folder = makeProject();
      for (let index = 0; index < 80; index++) folder.write(`src/${index}.ts`, captured);
      for (const delay of [200, 600, 1200]) {
        const args = [bin, "check", "src", "--jobs", "2", "--cache-location", "cache.json"];
        const child = spawn(process.execPath, args, { cwd: folder.root, stdio: "ignore" });
        await new Promise((resolve) => setTimeout(resolve, delay));
        const children = childrenOf(child.pid ?? 0);
        if (child.exitCode !== null) break;
        child.kill(signal);
        const [code, by] = await once(child, "exit");
        // Before its first line of code runs, it ends as every program does.
        assert.ok(code === expected || by === signal || code === 1, `${code} ${by}`);
        await gone(children);
        assert.deepEqual(
          readdirSync(folder.root).filter((name) => name.endsWith(".tmp")),
          [],
        );
      }
      folder.remove();
    });
  }
});

describe("cli: progress", function () {
  this.timeout(60_000);

  it("is shown on a terminal, and nowhere else", async () => {
    // `script` gives its command a terminal.
    if (process.platform !== "linux" || spawnSync("script", ["--version"]).status !== 0) return;
    const folder = makeProject({ "a.ts": captured });
    const command = `'${process.execPath}' '${bin}' check . 2>&1 >/dev/null`;
    const { stdout } = spawnSync("script", ["-qec", command, "/dev/null"], { cwd: folder.root, encoding: "utf8" });
    // What is over in a moment shows nothing more than its first line.
    assert.match(stdout, /looking at 1 of 1 files/);
    assert.ok(stdout.endsWith("\r\u001b[2K"), "and taken away at the end");
    const piped = spawnSync(process.execPath, [bin, "check", "."], { cwd: folder.root, encoding: "utf8" });
    assert.equal(piped.stderr, "");
    folder.remove();
  });
});

/** The processes that this one started, and those that they started. */
function childrenOf(pid: number): readonly number[] {
  if (process.platform !== "linux") return [];
  try {
    const threads = readdirSync(`/proc/${pid}/task`);
    const own = threads.flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").split(" "));
    return own.filter((text) => text !== "").flatMap((text) => [Number(text), ...childrenOf(Number(text))]);
  } catch {
    return [];
  }
}

async function gone(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    while (isAlive(pid)) await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function isAlive(pid: number): boolean {
  try {
    // A process that ended and that nobody asked about is still listed.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
