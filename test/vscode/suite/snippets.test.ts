import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as vscode from "vscode";
import { closeAll, openFile, type, untilRules } from "./editor.js";

interface Snippet {
  readonly scope: string;
  readonly prefix: readonly string[];
}

function readSnippets(): [string, Snippet][] {
  const extension = vscode.extensions.all.find(({ packageJSON }) => packageJSON.name === "fearless-threads-vscode");
  assert.ok(extension);
  return Object.entries(
    JSON.parse(readFileSync(join(extension.extensionPath, "snippets/threads.code-snippets"), "utf8")),
  );
}

describe("snippets", () => {
  afterEach(closeAll);

  for (const [name, { scope }] of readSnippets()) {
    if (name === "Thread: import" || !scope.startsWith("typescript")) continue;
    it(`${name}: inserted into a file with the import, nothing is wrong`, async () => {
      const editor = await openFile('import { Arc, move, mpsc, Mutex, thread } from "fearless-threads";\n');
      await vscode.commands.executeCommand("cursorBottom");
      await vscode.commands.executeCommand("editor.action.insertSnippet", { langId: "typescript", name });
      assert.notEqual(editor.document.lineCount, 2, "something was inserted");
      assert.doesNotMatch(editor.document.getText(), /\$\{?\d/, "every placeholder became text");
      // The server answers this for the same version, so the findings are of the text with the snippet.
      await vscode.commands.executeCommand(
        "vscode.executeHoverProvider",
        editor.document.uri,
        new vscode.Position(0, 60),
      );
      await untilRules(editor.document, []);
    });
  }

  it("one name typed into the placeholder is renamed everywhere", async () => {
    const editor = await openFile("\n");
    await vscode.commands.executeCommand("editor.action.insertSnippet", {
      langId: "typescript",
      name: "Thread: spawn with move",
    });
    await type("words");
    assert.match(editor.document.getText(), /const words = .*\n.*move\(words\), \(words\) =>[\s\S]*words\.length/);
  });

  it("are offered by their prefix", async () => {
    const editor = await openFile("thread-\n");
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      "vscode.executeCompletionItemProvider",
      editor.document.uri,
      new vscode.Position(0, 7),
    );
    const offered = list.items.map(({ label }) => (typeof label === "string" ? label : label.label));
    for (const [, { prefix, scope }] of readSnippets()) {
      if (scope.startsWith("typescript")) assert.ok(offered.includes(prefix[0]!), `${prefix[0]} in ${offered.join()}`);
    }
  });
});
