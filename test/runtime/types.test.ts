import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { Workspace } from "./process.js";

const api = readFileSync(new URL("./types/api.ts", import.meta.url), "utf8");

describe("the types", () => {
  const workspace = new Workspace();
  after(() => workspace.remove());

  it("accept and refuse what they should", async () => {
    workspace.write("api.ts", api);
    const ended = await workspace.tsc("api.ts", { noEmit: true });
    assert.equal(ended.stdout, "");
    assert.equal(ended.code, 0);
  });

  it("say why a value cannot be sent", async () => {
    workspace.write(
      "refused.ts",
      `import { move } from "fearless-threads";
       move({ options: { onDone: () => 1 } });
       move(Promise.resolve(1));`,
    );
    const ended = await workspace.tsc("refused.ts", { noEmit: true });
    assert.notEqual(ended.code, 0);
    assert.match(ended.stdout, /a function stays in the thread that made it; send the data it needs/);
    assert.match(ended.stdout, /a promise stays in the thread that made it; await it first/);
  });

  it("need no more than the library, and only ES2022 and disposables of TypeScript's own", async () => {
    workspace.write("plain.ts", `import { thread } from "fearless-threads";\nthread.spawn(() => 1).detach();`);
    const ended = await workspace.tsc("plain.ts", {
      noEmit: true,
      types: [],
      skipLibCheck: false,
      lib: ["es2022", "esnext.disposable"],
    });
    assert.equal(ended.stdout, "");
  });
});
