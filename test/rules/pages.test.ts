/** The rules' pages, and further programs whose fixes are run: see `harness/programs.ts`. */
import { catalogue } from "../../server/src/analysis/catalogue.js";
import { rulePageUrl } from "../../server/src/pages.js";
import { runPrograms } from "./harness/programs.js";

describe("pages of the rules", () => {
  for (const { name } of catalogue) {
    describe(name, () => runPrograms(rulePageUrl(name), { name, rules: catalogue }));
  }
});

/** The programs say what is found about what threads share, and nothing about how they are joined. */
const about = new Set(["capture-without-move", "shared-mutable-without-mutex", "not-sendable"]);

describe("programs that are fixed and run", () => {
  for (const name of ["captures", "changes"]) {
    const rules = catalogue.filter((rule) => about.has(rule.name));
    describe(name, () =>
      runPrograms(new URL(`./programs/${name}.md`, import.meta.url), { name: `programs-${name}`, rules }),
    );
  }
});
