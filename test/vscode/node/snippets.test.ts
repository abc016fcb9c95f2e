/** Each snippet's default text compiles, is clean under the analyser, and runs on real workers. */
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { partsIn, runProgram } from "../../../server/src/run/program.js";
import { defaultText, readSnippets } from "../support/snippets.js";
import { makeWorkspace } from "../support/workspace.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const importLine = 'import { Arc, move, mpsc, Mutex, thread } from "fearless-threads";\n';

const extensions = { typescript: "ts", typescriptreact: "tsx", javascript: "js", javascriptreact: "jsx" } as const;

/** What each step of the guide is called here; a snippet that is renamed or lost is missed. */
const steps = [
  "Thread: spawn and join",
  "Thread: spawn with move",
  "Thread: a loop of threads",
  "Thread: handle a panic",
  "Thread: Builder with name and stack size",
  "Thread: Arc and Mutex counter",
  "Thread: channel, producer and consumer",
  "Thread: scope",
];

/** What a run of the default text prints, where it prints. */
const printed: Readonly<Record<string, string>> = {
  "Thread: a loop of threads": "0\n1\n4\n9\n",
  "Thread: handle a panic": "panicked: Oops\n",
  "Thread: channel, producer and consumer": "0\n1\n2\n",
};

function programs(): Map<string, string> {
  const files = new Map<string, string>();
  for (const [name, { scope, body }] of readSnippets()) {
    for (const language of scope.split(",")) {
      const extension = extensions[language as keyof typeof extensions];
      const base = name.replace(/\W+/g, "-").toLowerCase();
      files.set(`${base}.${extension}`, (name === "Thread: import" ? "" : importLine) + defaultText(body));
    }
  }
  return files;
}

describe("snippets", function () {
  this.timeout(60_000);
  const files = programs();
  let workspace: { readonly folder: string; remove(): Promise<void> };

  before(async () => {
    workspace = await makeWorkspace(Object.fromEntries(files));
  });
  after(() => workspace.remove());

  it("there is one for every step of the guide, in all four languages", () => {
    const snippets = readSnippets();
    for (const step of steps) {
      const scopes = snippets.filter(([name]) => name.startsWith(step)).map(([, { scope }]) => scope);
      assert.deepEqual(scopes.join(",").split(",").sort(), Object.keys(extensions).sort(), step);
    }
  });

  it("compile in strict TypeScript, and as checked JavaScript", () => {
    const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
    // React's types are not installed, and no snippet uses JSX.
    const { status, stdout } = spawnSync(process.execPath, [tsc, "-p", workspace.folder], { encoding: "utf8" });
    assert.equal(status, 0, stdout);
  });

  it("are clean under the analyser", () => {
    const cli = join(root, "server/bin/fearless-threads.js");
    const args = [cli, "check", ".", "--fail-on", "hint"];
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: workspace.folder, encoding: "utf8" });
    assert.equal(status, 0, stdout + stderr);
    assert.match(stdout + stderr, new RegExp(`\\b${files.size} files?\\b`), "all of them were looked at");
  });

  // TSX and JSX are the same texts.
  for (const name of [...files.keys()].filter((name) => !name.endsWith("x"))) {
    it(`${name} runs on real workers`, async () => {
      let output = "";
      const run = runProgram(
        {
          file: join(workspace.folder, name),
          cwd: workspace.folder,
          node: process.execPath,
          parts: partsIn(join(root, "server/dist")),
          output: "events",
        },
        (event) => {
          if (event.kind === "output" && event.stream === "stdout") output += event.text;
        },
      );
      const summary = await run.summary;
      assert.equal(summary.exitCode, 0, output);
      assert.equal(summary.killed, 0, "every thread was waited for");
      if (!name.startsWith("thread-import")) assert.ok(summary.started > 0, "it starts a thread");
      const step = steps.find((title) => name.startsWith(title.replace(/\W+/g, "-").toLowerCase()));
      if (step !== undefined && step in printed) assert.equal(output, printed[step]);
    });
  }
});
