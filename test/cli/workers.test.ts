/** Workers' files that no project has: read with the file that starts them. */
import assert from "node:assert/strict";
import { makeFolder } from "../support/folder.js";
import { check } from "./findings.js";

describe("cli: files of workers without a tsconfig", function () {
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

  it("and one that is not there", async () => {
    const folder = makeFolder({ "main.js": start(`${node}("./count.js")`) });
    try {
      assert.deepEqual((await check(folder)).findings, []);
    } finally {
      folder.remove();
    }
  });
});
