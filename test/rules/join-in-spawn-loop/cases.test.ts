import { readdirSync } from "node:fs";
import { joinInSpawnLoop } from "../../../server/src/analysis/rules/join-in-spawn-loop/rule.js";
import { runCases } from "../harness/run.js";

describe("join-in-spawn-loop", () => {
  const folder = new URL(".", import.meta.url);
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".md"))) {
    describe(name.replace(/\.md$/, ""), () => runCases(new URL(name, folder), { rules: [joinInSpawnLoop] }));
  }
});
