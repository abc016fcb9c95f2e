/** The cases of every rule: the Markdown files in the folder that is named after it. See `README.md`. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { catalogue } from "../../server/src/analysis/catalogue.js";
import { parseCases } from "./harness/cases.js";
import { runCases } from "./harness/run.js";

for (const rule of catalogue) {
  describe(rule.name, () => {
    const folder = new URL(`./${rule.name}/`, import.meta.url);
    const files = readdirSync(folder).filter((name) => name.endsWith(".md"));

    it("is shown by 30 cases or more, of which half stay silent", () => {
      const cases = files.flatMap((name) => parseCases(readFileSync(new URL(name, folder), "utf8")));
      const silent = cases.filter((one) => one.files.every(({ markers }) => markers.length === 0));
      assert.ok(cases.length >= 30, `${cases.length} cases`);
      assert.ok(silent.length * 2 >= cases.length, `${silent.length} of ${cases.length} stay silent`);
    });

    for (const name of files) {
      describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [rule] }));
    }
  });
}
