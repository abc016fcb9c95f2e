import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, findings, openFile, openUntitled, retype, type, untilRules } from "./editor.js";

const importLine = 'import { move, thread } from "fearless-threads";\n';

describe("squiggles", () => {
  afterEach(closeAll);

  it("appear while a bug is typed and go while it is fixed", async () => {
    const editor = await openFile(importLine);
    await vscode.commands.executeCommand("cursorBottom");
    await type("const v = [1, 2, 3];\n");
    await type("const h = thread.spawn(() => v.length");
    await untilRules(editor.document, ["capture-without-move", "unjoined-handle"]);
    await vscode.commands.executeCommand("cursorBottom");
    await vscode.commands.executeCommand("cursorLineEnd");
    await type(";\n(await h.join()).unwrap();\n");
    await untilRules(editor.document, ["capture-without-move"]);
    await retype(editor, "() =>", "move(v), (v) =>");
    await untilRules(editor.document, []);
  });

  it("stand on the name that is wrong, with the reasons beside it", async () => {
    const editor = await openFile(
      `${importLine}const v = [1];\nconst h = thread.spawn(() => v.length);\n(await h.join()).unwrap();\n`,
    );
    await untilRules(editor.document, ["capture-without-move"]);
    const [finding] = findings(editor.document);
    assert.ok(finding);
    assert.equal(editor.document.getText(finding.range), "v");
    assert.equal(finding.severity, vscode.DiagnosticSeverity.Error);
    assert.ok((finding.relatedInformation ?? []).length > 0, "it says where `v` is declared");
    assert.ok(typeof finding.code === "object" && finding.code.target.toString().includes("capture-without-move"));
  });

  for (const [language, extension] of [
    ["typescriptreact", "tsx"],
    ["javascript", "js"],
    ["javascriptreact", "jsx"],
  ] as const) {
    it(`appear in ${extension} files`, async () => {
      const editor = await openFile('import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n', extension);
      assert.equal(editor.document.languageId, language);
      await untilRules(editor.document, ["unjoined-handle"]);
    });
  }

  it("appear in a text that was never saved", async () => {
    const editor = await openUntitled('import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n');
    await untilRules(editor.document, ["unjoined-handle"]);
  });

  it("follow the settings", async () => {
    const editor = await openFile('import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n');
    await untilRules(editor.document, ["unjoined-handle"]);
    const settings = vscode.workspace.getConfiguration("fearlessThreads");
    try {
      await settings.update("rules", { "unjoined-handle": "off" }, vscode.ConfigurationTarget.Workspace);
      await untilRules(editor.document, []);
      await settings.update("rules", { "unjoined-handle": "hint" }, vscode.ConfigurationTarget.Workspace);
      await untilRules(editor.document, ["unjoined-handle"]);
      assert.equal(findings(editor.document)[0]?.severity, vscode.DiagnosticSeverity.Hint);
      await settings.update("enable", false, vscode.ConfigurationTarget.Workspace);
      await untilRules(editor.document, []);
    } finally {
      await settings.update("rules", undefined, vscode.ConfigurationTarget.Workspace);
      await settings.update("enable", undefined, vscode.ConfigurationTarget.Workspace);
    }
    await untilRules(editor.document, ["unjoined-handle"]);
  });

  it("stay away from files that use no threads", async () => {
    const editor = await openFile("const v = [1];\nconst spawn = (f: () => unknown) => f();\nspawn(() => v);\n");
    const threads = await openFile('import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n');
    await untilRules(threads.document, ["unjoined-handle"]);
    assert.deepEqual(findings(editor.document), []);
  });
});
