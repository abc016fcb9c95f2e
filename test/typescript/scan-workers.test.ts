/** Which files a text names for workers. */
import assert from "node:assert/strict";
import { scanWorkerFiles } from "../../server/src/typescript/relevance/scan-workers.js";

describe("files of workers in a text", () => {
  const cases: readonly (readonly [text: string, files: readonly string[]])[] = [
    ['import Hasher from "./hasher?worker";', ["./hasher"]],
    ['import Hasher from "./hasher?worker&inline";', ["./hasher"]],
    ['new Worker("./jobs/hash.js")', ["./jobs/hash.js"]],
    ['new Worker(join(__dirname, "jobs", "hash.js"))', ["./jobs/hash.js"]],
    ['const file = path.resolve(import.meta.dirname, "../hash.mjs");', ["../hash.mjs"]],
    ['new Worker(__dirname + "/hash.js")', ["./hash.js"]],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a text with a template in it
    ["new Worker(`${__dirname}/hash.js`)", ["./hash.js"]],
    ['new Worker(require.resolve("./hash"))', ["./hash"]],
    ['import { Worker } from "node:worker_threads";', []],
    ['new Worker("https://example.com/hash.js")', []],
    ['join(__dirname, "data.json")', []],
    ['import { hash } from "./hash.js";', []],
  ];
  for (const [text, files] of cases) it(text, () => assert.deepEqual(scanWorkerFiles(text), files));
});
