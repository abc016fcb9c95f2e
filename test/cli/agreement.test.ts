/** The editor and the command line find the same in the same folder. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { startClient, uriOf } from "../lsp/client.js";
import { captured, forgotten, makeProject, moved, unrelated } from "../lsp/fixture.js";
import { check } from "./findings.js";

describe("cli and editor", function () {
  this.timeout(120_000);

  it("agree on findings, levels, suppressions, models and what is left out", async () => {
    const silenced = forgotten.replace(
      "  const handle",
      "  // fearless-threads-ignore unjoined-handle: on purpose\n  const handle",
    );
    const files: Readonly<Record<string, string>> = {
      "src/captured.ts": captured,
      "src/moved.ts": moved,
      "src/plain.ts": unrelated,
      "src/silenced.ts": silenced,
      "src/bare.ts": silenced.replace(": on purpose", ""),
      "src/unused.ts": `// fearless-threads-ignore unjoined-handle: not any more\n${captured}`,
      "src/begin.ts": `import { thread } from "fearless-threads";\nexport const begin = () => thread.spawn(() => 1);\n`,
      "src/user.ts": `import { begin } from "./begin.js";\nexport function main(): void {\n  begin();\n}\n`,
      "src/crlf.ts": `\uFEFF${captured.replaceAll("\n", "\r\n")}`,
      "src/view.tsx": captured,
      "src/plain.js": forgotten.replace(": Promise<void>", ""),
      "left-out/a.ts": captured,
      "strict/a.ts": forgotten,
      "strict/fearless-threads.config.json": '{ "rules": { "unjoined-handle": "error", "unused-suppression": "off" } }',
      "own/tasks.ts": "declare const host: any;\nexport const launch = (work: () => number): unknown => host(work);\n",
      "own/main.ts": `import { launch } from "./tasks.js";\nexport const main = (n: number) => launch(() => n);\n`,
      "own/fearless-threads.config.json": '{ "models": [{ "file": "tasks.ts", "callables": { "launch": "spawn" } }] }',
      "fearless-threads.config.json": '{ "ignore": ["left-out/"] }',
    };
    const folder = makeProject(files);
    const client = await startClient({ folders: [folder.root] });
    try {
      const { report } = await check(folder, ".");
      const line = (file: string, range: object, rule: unknown, message: string, severity: unknown): string =>
        JSON.stringify({ file, range, rule, message, severity });
      const fromCli = report.diagnostics.map((one) =>
        line(
          one.file,
          one.range,
          one.rule,
          one.message,
          ["", "error", "warning", "info", "hint"].indexOf(one.severity),
        ),
      );
      const fromEditor: string[] = [];
      for (const file of Object.keys(files).filter((name) => !name.endsWith(".json"))) {
        const uri = uriOf(folder.path(file));
        client.open(uri, readFileSync(folder.path(file), "utf8").replace(/^\uFEFF/, ""));
        for (const one of await client.diagnostics(uri)) {
          fromEditor.push(line(file, one.range, one.code, String(one.message).split("\n")[0] ?? "", one.severity));
        }
        client.close(uri);
      }
      assert.ok(fromCli.length >= 8, `${fromCli.length} findings`);
      assert.deepEqual(fromEditor.sort(), fromCli.sort());
    } finally {
      await client.stop();
      folder.remove();
    }
  });
});
