import { readdirSync } from "node:fs";
import { notSendable } from "../../../server/src/analysis/rules/not-sendable/rule.js";
import { runCases } from "../harness/run.js";

describe("not-sendable", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [notSendable] }));
  }
});
