/** Workers' files that no project has: read with the file that starts them. */
import assert from "node:assert/strict";
import { makeFolder } from "../support/folder.js";
import { check } from "./findings.js";

describe("cli: files of workers", function () {
  this.timeout(60_000);

  const start = (how: string): string => `${how};
worker.on("error", console.error);
`;
  const worker = 'const { parentPort } = require("worker_threads");\nparentPort.postMessage("counted");\n';
  const node = 'const { Worker } = require("worker_threads"); const worker = new Worker';

  const cases: readonly (readonly [what: string, files: Readonly<Record<string, string>>])[] = [
    ["beside the file", { "main.js": start(`${node}(__dirname + "/count.js")`), "count.js": worker }],
    ["by its name", { "main.js": start(`${node}(require.resolve("./jobs/count"))`), "jobs/count.js": worker }],
    ["where the program starts", { "main.js": start(`${node}("./count.js")`), "count.js": worker }],
    [
      "in a page",
      {
        "main.js": 'const worker = new Worker("count.js");\nworker.onerror = console.error;\n',
        "count.js": 'self.postMessage("counted");\n',
      },
    ],
  ];
  for (const [what, files] of cases) {
    it(what, async () => {
      const folder = makeFolder(files);
      try {
        assert.deepEqual((await check(folder)).findings, ["main.js:1 unjoined-handle"]);
      } finally {
        folder.remove();
      }
    });
  }

  const project = (options: object): string =>
    JSON.stringify({ compilerOptions: { target: "esnext", module: "nodenext", ...options }, include: ["src"] });
  const typed = 'import { parentPort } from "node:worker_threads";\nparentPort!.postMessage("counted");\n';
  const from = (path: string): string =>
    start(`import { Worker } from "node:worker_threads"; const worker = new Worker(${path})`);

  const compiled: typeof cases = [
    [
      "by the `outDir` and `rootDir` of the tsconfig",
      {
        "tsconfig.json": project({ outDir: "compiled", rootDir: "src" }),
        "src/main.ts": from('new URL("../compiled/jobs/count.js", import.meta.url)'),
        "src/jobs/count.ts": typed,
      },
    ],
    [
      "by the `outDir` alone, where the program starts",
      {
        "tsconfig.json": project({ outDir: "./target/js" }),
        "src/main.ts": from('"./target/js/count.js"'),
        "src/count.ts": typed,
      },
    ],
  ];
  for (const [what, files] of compiled) {
    it(what, async () => {
      const folder = makeFolder(files);
      try {
        assert.deepEqual((await check(folder)).findings, ["src/main.ts:1 unjoined-handle"]);
      } finally {
        folder.remove();
      }
    });
  }

  it("not in a folder that the compiler does not write", async () => {
    const folder = makeFolder({
      "tsconfig.json": project({ outDir: "compiled" }),
      "src/main.ts": from('"./vendor/count.js"'),
      "src/count.ts": typed,
    });
    try {
      assert.deepEqual((await check(folder)).findings, []);
    } finally {
      folder.remove();
    }
  });

  it("and one that is not there", async () => {
    const folder = makeFolder({ "main.js": start(`${node}("./count.js")`) });
    try {
      assert.deepEqual((await check(folder)).findings, []);
    } finally {
      folder.remove();
    }
  });
});
