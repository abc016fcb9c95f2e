import assert from "node:assert/strict";
import path from "node:path";
import { createSession } from "../../server/src/analysis/analyse.js";
import { catalogue } from "../../server/src/analysis/catalogue.js";
import type { Rule } from "../../server/src/analysis/rules/rule.js";
import { unjoinedHandle } from "../../server/src/analysis/rules/unjoined-handle/rule.js";
import { sharedHost, withProject } from "../support/project.js";

const dropped = 'import { thread } from "fearless-threads";\nexport function main() {\n  thread.spawn(() => 1);\n}\n';

const broken: Rule = {
  name: "broken",
  summary: "Always throws",
  severity: "error",
  rust: undefined,
  check() {
    throw new Error("the rule has a bug");
  },
};

describe("a session", () => {
  it("keeps a rule that throws from costing the others their findings", async () => {
    await withProject({ "main.ts": dropped }, async (snapshot, path) => {
      const report = await createSession({ rules: [broken, unjoinedHandle] }).analyse(snapshot, path("main.ts"), {});
      assert.deepEqual(
        report.failures.map(({ rule, error }) => [rule, error.message]),
        [["broken", "the rule has a bug"]],
      );
      assert.deepEqual(
        report.diagnostics.map((finding) => finding.rule),
        ["unjoined-handle"],
      );
    });
  });

  it("gives findings the user's level, and leaves out rules that are off", async () => {
    await withProject({ "main.ts": dropped }, async (snapshot, path) => {
      const session = createSession({ rules: [unjoinedHandle] });
      const asError = await session.analyse(snapshot, path("main.ts"), { "unjoined-handle": "error" });
      assert.deepEqual(
        asError.diagnostics.map((finding) => finding.severity),
        ["error"],
      );
      const off = await session.analyse(snapshot, path("main.ts"), { "unjoined-handle": "off" });
      assert.deepEqual(off.diagnostics, []);
    });
  });

  it("does not look at a file that the cheap filter leaves out", async () => {
    await withProject({ "main.ts": dropped }, async (snapshot, path) => {
      const session = createSession({
        texts: { relevant: async () => false, imports: () => [], text: () => undefined },
      });
      const report = await session.analyse(snapshot, path("main.ts"), {});
      assert.deepEqual(report, { file: path("main.ts"), checked: false, diagnostics: [], failures: [] });
    });
  });

  it("has no findings for a file that does not exist", async () => {
    await withProject({ "main.ts": dropped }, async (snapshot, path) => {
      const report = await createSession().analyse(snapshot, path("other.ts"), {});
      assert.equal(report.checked, false);
    });
  });

  it("lowers a file once as long as it stays the same, and anew when a file it imports has changed", async () => {
    const files = { "main.ts": 'import { one } from "./one.js";\none();\n', "one.ts": "export const one = () => 1;\n" };
    await withProject(files, async (snapshot, path) => {
      const session = createSession();
      const first = await session.lower(snapshot, path("main.ts"));
      assert.equal(await session.lower(snapshot, path("main.ts")), first);
      session.invalidate(path("other.ts"));
      assert.equal(await session.lower(snapshot, path("main.ts")), first);
      session.invalidate(path("one.ts"));
      assert.notEqual(await session.lower(snapshot, path("main.ts")), first);
    });
  });

  it("sees what a helper in another file does once that file has changed", async () => {
    const main =
      'import { thread } from "fearless-threads";\nimport { finish } from "./helper.js";\nexport async function main() {\n  await finish(thread.spawn(() => 1));\n}\n';
    const helper = (line: string): string =>
      `import type { JoinHandle } from "fearless-threads";\nexport async function finish(handle: JoinHandle<number>) {\n  ${line}\n}\n`;
    const session = createSession({ rules: [unjoinedHandle] });
    const check = (line: string): Promise<number> =>
      withProject({ "main.ts": main, "helper.ts": helper(line) }, async (snapshot, path) => {
        session.invalidate(path("helper.ts"));
        return (await session.analyse(snapshot, path("main.ts"), {})).diagnostics.length;
      });
    assert.equal(await check("await handle.join();"), 0);
    assert.equal(await check("console.log(handle.isFinished());"), 1);
    assert.equal(await check("await handle.join();"), 0);
  });

  it("survives files that call each other in a circle", async () => {
    const files = {
      "a.ts":
        'import { thread } from "fearless-threads";\nimport { b } from "./b.js";\nexport function a(n: number) { return n > 0 ? b(n - 1) : thread.spawn(() => 1); }\n',
      "b.ts": 'import { a } from "./a.js";\nexport function b(n: number): ReturnType<typeof a> { return a(n); }\n',
    };
    await withProject(files, async (snapshot, path) => {
      const session = createSession({ rules: catalogue });
      for (const name of ["a.ts", "b.ts"]) {
        const report = await session.analyse(snapshot, path(name), {});
        assert.deepEqual([report.diagnostics, report.failures], [[], []]);
      }
    });
  });

  it("keeps nothing of an analysis during which a text changed", async () => {
    const main =
      'import { start } from "./helper.js";\nexport async function main() {\n  const handle = start();\n  return 1;\n}\n';
    const helper = 'import { thread } from "fearless-threads";\nexport const start = () => thread.spawn(() => 1);\n';
    const root = path.resolve("test/virtual-session");
    const [mainFile, helperFile] = [`${root}/main.ts`, `${root}/helper.ts`];
    const host = await sharedHost();
    const edited = new Map([
      [mainFile, main],
      [helperFile, helper],
      [`${root}/tsconfig.json`, '{ "compilerOptions": { "module": "nodenext", "target": "es2023", "strict": true } }'],
    ]);
    const before = await host.update({ edited });
    const session = createSession({ rules: [unjoinedHandle] });
    const outdated = session.revision;
    session.invalidate(helperFile);
    // The declaration moves, so what the first snapshot says of \`start\` leads nowhere in the second one.
    const after = await host.update({ edited: new Map([[helperFile, `const first = 1;\n${helper}`]]) });
    try {
      await session.analyse(before, mainFile, {}, outdated);
      const { diagnostics } = await session.analyse(after, mainFile, {});
      assert.deepEqual(
        diagnostics,
        (await createSession({ rules: [unjoinedHandle] }).analyse(after, mainFile, {})).diagnostics,
      );
      assert.equal(diagnostics.length, 1);
    } finally {
      await before.dispose();
      await after.dispose();
      await (await host.update({ closed: [...edited.keys()] })).dispose();
    }
  });
});
