/**
 * The sources of real packages, which do not use this library: nothing may be reported, and nothing may crash.
 *
 * `check` never looks closely at files that use no threads, so each file is also put through the whole analysis without
 * that filter.
 */
import assert from "node:assert/strict";
import { createSession } from "../../server/src/analysis/analyse.js";
import { findFiles } from "../../server/src/cli/find-files.js";
import type { JsonReport } from "../../server/src/render/json.js";
import { createProgramHost } from "../../server/src/typescript/host.js";
import { fearlessThreads } from "../cli/command.js";
import { corpus, unpacked } from "./packages.js";

describe("corpus", function () {
  this.timeout(600_000);

  for (const one of corpus) {
    describe(`${one.name} ${one.version}`, () => {
      let folder: string;
      before(() => {
        folder = unpacked(one);
      });

      it("checks every file and reports nothing", async () => {
        const { code, stdout, stderr } = await fearlessThreads(
          ["check", ".", "--format", "json", "--fail-on", "hint"],
          {
            cwd: folder,
          },
        );
        assert.equal(stderr, "");
        const { diagnostics, summary } = JSON.parse(stdout) as JsonReport;
        assert.deepEqual(diagnostics, []);
        assert.equal(code, 0);
        assert.ok(summary.files >= one.atLeast, `${summary.files} files`);
        console.log(`      ${summary.files} files looked at, ${summary.checked} use threads, ${summary.ms} ms`);
      });

      it("survives the whole analysis without the filter", async () => {
        const all = (await findFiles(["."], folder)).files;
        const files = all.filter((_, index) => index % one.every === 0);
        const host = createProgramHost({ cwd: folder });
        let current = "";
        const anything = { specifier: "", names: "all" as const, files: [], threads: true };
        const session = createSession({
          texts: {
            relevant: async (file) => one.calls === "followed" || file === current,
            imports: () => [anything],
            text: () => "",
          },
        });
        const started = performance.now();
        let analysed = 0;
        try {
          for (const [index, file] of files.entries()) {
            current = file;
            // One after the other: opened all at once they would take the compiler minutes.
            const snapshot = await host.update({ opened: [file], closed: files.slice(Math.max(0, index - 1), index) });
            try {
              const { checked, diagnostics, failures } = await session.analyse(snapshot, file, {});
              assert.deepEqual(
                failures.map(({ rule, error }) => `${rule}: ${error.stack}`),
                [],
                file,
              );
              assert.deepEqual(
                diagnostics.map(({ rule, message }) => `${rule}: ${message}`),
                [],
                file,
              );
              if (checked) analysed++;
            } finally {
              await snapshot.dispose();
            }
          }
        } finally {
          await host.close();
        }
        const ms = Math.round(performance.now() - started);
        console.log(`      ${analysed} of ${all.length} files analysed, ${ms} ms`);
        assert.ok(analysed >= one.atLeast / one.every);
      });
    });
  }
});
