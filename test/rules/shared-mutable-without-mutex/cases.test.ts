import { readdirSync } from "node:fs";
import { sharedMutableWithoutMutex } from "../../../server/src/analysis/rules/shared-mutable-without-mutex/rule.js";
import { runCases } from "../harness/run.js";

describe("shared-mutable-without-mutex", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [sharedMutableWithoutMutex] }));
  }
});
