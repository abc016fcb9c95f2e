import assert from "node:assert/strict";
import * as vscode from "vscode";
import { closeAll, openFile, until, untilRules } from "./editor.js";

const text = `import { move, thread } from "fearless-threads";
const numbers = [1, 2];
const handle = thread.spawn(() => numbers.length);
(await handle.join()).unwrap();
export { move };
`;

const linkToConcept = /\]\(command:fearlessThreads\.openPage\?[^)]*concepts%2F[\w-]+\.md/;

async function hoverAt(document: vscode.TextDocument, text: string): Promise<string> {
  const position = document.positionAt(document.getText().indexOf(text));
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
    "vscode.executeHoverProvider",
    document.uri,
    position,
  );
  const contents = hovers.flatMap((hover) => hover.contents);
  return contents.map((part) => (typeof part === "string" ? part : part.value)).join("\n");
}

describe("hovers", () => {
  afterEach(closeAll);

  it("on a finding explain it, and do not repeat what VS Code shows of it", async () => {
    const { document } = await openFile(text);
    await untilRules(document, ["capture-without-move"]);
    const shown = await hoverAt(document, "numbers.length");
    assert.match(shown, linkToConcept);
    assert.doesNotMatch(shown, /\*\*capture-without-move\*\*: /);
  });

  it("on each name of the API give the mental model", async () => {
    const { document } = await openFile(text);
    await untilRules(document, ["capture-without-move"]);
    for (const name of ["spawn(", "join()", "move }", "unwrap()"]) {
      const shown = await hoverAt(document, name);
      assert.match(shown, linkToConcept, `the hover on ${name} leads to a page:\n${shown}`);
    }
  });

  it("stay away from names of other libraries", async () => {
    const { document } = await openFile('const parts = ["a"];\nexport const path = parts.join("/");\n');
    await vscode.commands.executeCommand("vscode.executeHoverProvider", document.uri, new vscode.Position(1, 28));
    assert.doesNotMatch(await hoverAt(document, "join("), /fearless-threads/);
  });

  it("lead to pages that open", async () => {
    for (const path of ["/rules/capture-without-move.md", "/rules/unjoined-handle.md", "/concepts/join.md"]) {
      const uri = vscode.Uri.from({ scheme: "fearless-threads", path });
      const page = await vscode.workspace.openTextDocument(uri);
      assert.match(page.getText(), /^#{1,2} /m, `${path} has a heading`);
    }
  });
});

describe("explanations", () => {
  afterEach(closeAll);

  it("Explain a Rule opens the page of the finding at the cursor as a preview", async () => {
    const editor = await openFile(text);
    await untilRules(editor.document, ["capture-without-move"]);
    const offset = text.indexOf("numbers.length");
    const at = editor.document.positionAt(offset);
    editor.selection = new vscode.Selection(at, at);
    await vscode.commands.executeCommand("fearlessThreads.explainRule");
    await until("a tab with the page", () =>
      vscode.window.tabGroups.all
        .flatMap(({ tabs }) => tabs)
        .find(({ label, input }) => label.includes("capture-without-move") && !(input instanceof vscode.TabInputText)),
    );
  });

  it("Show Findings opens what the terminal would print, and follows the text", async () => {
    const { document } = await openFile(text);
    await untilRules(document, ["capture-without-move"]);
    await vscode.commands.executeCommand("fearlessThreads.showRendered");
    const rendered = await until("the rendering", () =>
      vscode.workspace.textDocuments.find(({ uri }) => uri.scheme === "fearless-threads-rendered"),
    );
    assert.match(rendered.getText(), /^error\[capture-without-move\]: /);
    assert.match(rendered.getText(), /^ *3 \| const handle = thread\.spawn/m);
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, new vscode.Range(2, 0, 3, 0), "const handle = thread.spawn(() => 1);\n");
    await vscode.workspace.applyEdit(edit);
    await until("the rendering without the finding", () => !rendered.getText().includes("error["));
  });
});
