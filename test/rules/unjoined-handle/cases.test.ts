import { readdirSync } from "node:fs";
import { unjoinedHandle } from "../../../server/src/analysis/rules/unjoined-handle/rule.js";
import { runCases } from "../harness/run.js";

describe("unjoined-handle", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [unjoinedHandle] }));
  }
});
