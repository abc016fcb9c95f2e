import assert from "node:assert/strict";
import { cp, mkdir, readdir, rm } from "node:fs/promises";
import { fearlessThreads, node, root, runTypeScript } from "./processes.js";

const pitfalls = "examples/pitfalls";

/** What `check --format json` prints, as far as these tests look at it. */
interface Report {
  readonly diagnostics: readonly {
    readonly rule: string;
    readonly file: string;
    readonly fixes: readonly { readonly title: string }[];
  }[];
  readonly summary: { readonly files: number; readonly checked: number };
}

async function check(...args: readonly string[]): Promise<{ readonly code: number | null; readonly report: Report }> {
  const { code, stdout, stderr } = await fearlessThreads(["check", "--format", "json", ...args]);
  assert.equal(stderr, "");
  return { code, report: JSON.parse(stdout) as Report };
}

describe("the pitfalls", function () {
  this.timeout(60_000);

  describe("as they are", () => {
    it("1: the thread nobody joined says nothing", async () => {
      const { code, stdout } = await runTypeScript(`${root}${pitfalls}/1-not-joined.ts`);
      assert.equal(stdout, "");
      assert.equal(code, 0);
    });

    it("2: the variable nobody moved is a ReferenceError in the thread", async () => {
      const { code, stdout, stderr } = await runTypeScript(`${root}${pitfalls}/2-capture-without-move.ts`);
      assert.equal(stdout, "");
      assert.match(stderr, /panicked at .*2-capture-without-move\.ts:9:\d+: .*v is not defined/);
      assert.equal(code, 1);
    });

    it("3: the counter nobody locks has counted nothing", async () => {
      const { code, stdout } = await runTypeScript(`${root}${pitfalls}/3-shared-counter.ts`);
      assert.equal(stdout, "Result: 0\n");
      assert.equal(code, 0);
    });

    it("are found, one kind in each file, with fixes", async () => {
      const { code, report } = await check(pitfalls);
      assert.deepEqual(
        report.diagnostics.map(({ file, rule }) => [file, rule]),
        [
          [`${pitfalls}/1-not-joined.ts`, "unjoined-handle"],
          [`${pitfalls}/2-capture-without-move.ts`, "capture-without-move"],
          [`${pitfalls}/3-shared-counter.ts`, "shared-mutable-without-mutex"],
        ],
      );
      for (const { rule, fixes } of report.diagnostics) assert.ok(fixes.length > 0, rule);
      assert.equal(code, 1);
    });
  });

  describe("after `check --fix`", () => {
    const folder = `${root}test/teaching/.cache/pitfalls`;

    before(async () => {
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder, { recursive: true });
      await cp(`${root}${pitfalls}`, folder, { recursive: true });
      await cp(`${root}test/teaching/pitfalls.tsconfig.json`, `${folder}/tsconfig.json`);
      await fearlessThreads(["check", "--fix", folder]);
    });

    it("are clean", async () => {
      const { code, report } = await check(folder);
      assert.deepEqual(report.diagnostics, []);
      assert.equal(report.summary.checked, 3);
      assert.equal(code, 0);
    });

    it("compile", async () => {
      const { code, stdout } = await node([`${root}node_modules/typescript/bin/tsc`, "-p", folder]);
      assert.equal(stdout, "");
      assert.equal(code, 0);
    });

    const prints = [
      ["1-not-joined", "Hello from thread\n"],
      ["2-capture-without-move", "Vector: [ 1, 2, 3 ]\n"],
      ["3-shared-counter", "Result: 4\n"],
    ] as const;
    for (const [file, expected] of prints) {
      it(`${file} does the right thing`, async () => {
        const { code, stdout, stderr } = await runTypeScript(`${folder}/${file}.ts`);
        assert.equal(stdout, expected, stderr);
        assert.equal(code, 0);
      });
    }
  });
});

describe("the rest of the examples", function () {
  this.timeout(60_000);

  it("has nothing to report", async () => {
    const rest = (await readdir(`${root}examples`, { withFileTypes: true })).filter(
      (entry) => entry.isDirectory() && !["pitfalls", "node_modules", "out"].includes(entry.name),
    );
    const { code, report } = await check(...rest.map((entry) => `examples/${entry.name}`));
    assert.deepEqual(report.diagnostics, []);
    assert.ok(report.summary.checked >= 10, "and its files were looked at");
    assert.equal(code, 0);
  });
});

describe("the picture", function () {
  this.timeout(60_000);

  it("is the same on one thread and on three, and the threads share the bands between them", async () => {
    const out = `${root}test/teaching/.cache/mandelbrot.png`;
    const args = ["--width", "240", "--threads", "3", "--out", out];
    const { code, stdout, stderr } = await runTypeScript(`${root}examples/src/main.ts`, args);
    assert.equal(code, 0, stderr);
    const counts = /^3 threads +\d+ ms, bands by thread: (.+)$/m.exec(stdout)?.[1]?.split(" ").map(Number);
    assert.equal(counts?.length, 3, stdout);
    assert.equal(
      counts.reduce((sum, count) => sum + count, 0),
      160 / 8,
    );
    assert.match(stdout, /^speed-up: \d+\.\d\d ×$/m);
  });
});
