/** The rules' pages, and further programs whose fixes are run: see `harness/programs.ts`. */
import { catalogue } from "../../server/src/analysis/catalogue.js";
import { rulePageUrl } from "../../server/src/pages.js";
import { runPrograms } from "./harness/programs.js";

describe("pages of the rules", () => {
  for (const { name } of catalogue) {
    describe(name, () => runPrograms(rulePageUrl(name), { name, rules: catalogue }));
  }
});

describe("programs that are fixed and run", () => {
  for (const name of ["captures", "changes"]) {
    const rules = catalogue.filter(({ name: rule }) => rule !== "unjoined-handle" && rule !== "ignored-join-result");
    describe(name, () =>
      runPrograms(new URL(`./programs/${name}.md`, import.meta.url), { name: `programs-${name}`, rules }),
    );
  }
});
