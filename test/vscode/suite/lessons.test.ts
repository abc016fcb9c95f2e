import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as vscode from "vscode";
import { closeAll, findings, openFile, rules, sleep, until, untilRules } from "./editor.js";

function active(): vscode.TextEditor {
  const editor = vscode.window.activeTextEditor;
  assert.ok(editor, "an editor is active");
  return editor;
}

async function untilSo(what: string, ask: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 60_000; !(await ask()); await sleep(100)) {
    if (Date.now() > end) throw new Error(`Waited 60 s for: ${what}`);
  }
}

describe("The lessons", () => {
  let place: string;
  let folder: string;
  before(async () => {
    place = mkdtempSync(join(tmpdir(), "fearless-threads-test-"));
    folder = (await vscode.commands.executeCommand<string>("fearlessThreads.openLessons", place)) ?? "";
  });
  after(() => rmSync(place, { recursive: true, force: true }));
  afterEach(closeAll);

  it("are put into a folder of their own, and the first is opened", () => {
    assert.deepEqual(readdirSync(place), ["fearless-threads-lessons"]);
    assert.equal(folder, join(place, "fearless-threads-lessons"));
    assert.equal(active().document.uri.fsPath, join(folder, "lessons", "01-spawn-and-join.ts"));
  });

  it("open by their name, in the folder that was made", async () => {
    await vscode.commands.executeCommand("fearlessThreads.openLesson", "05-panics");
    assert.equal(active().document.uri.fsPath, join(folder, "lessons", "05-panics.ts"));
  });

  it("run, outside of every folder that is open", async () => {
    await vscode.commands.executeCommand("fearlessThreads.runLesson", "07-shared-counter");
    const output = await until("the output", () =>
      vscode.workspace.textDocuments.find(({ languageId }) => languageId === "fearless-threads-run"),
    );
    await until("what the lesson prints", () => /^Result: 4000$/m.test(output.getText()));
    assert.match(output.getText(), /^▶ 07-shared-counter\.ts /m);
  });

  for (const [pitfall, rule] of [
    ["1-not-joined", "unjoined-handle"],
    ["2-capture-without-move", "capture-without-move"],
    ["3-shared-counter", "shared-mutable-without-mutex"],
  ] as const) {
    it(`show the mistake of ${pitfall}, and repair it`, async () => {
      await vscode.commands.executeCommand("fearlessThreads.showPitfall", pitfall);
      const editor = active();
      assert.equal(editor.document.uri.fsPath, join(folder, "pitfalls", `${pitfall}.ts`));
      assert.deepEqual(rules(editor.document), [rule]);
      assert.ok(findings(editor.document)[0]?.range.contains(editor.selection.active), "the cursor is on it");
      const before = editor.document.getText();
      await vscode.commands.executeCommand("fearlessThreads.repairPitfall", pitfall);
      assert.notEqual(editor.document.getText(), before);
      await untilRules(editor.document, []);
      assert.equal(readFileSync(editor.document.uri.fsPath, "utf8"), before, "what is on disk is the user's to change");
    });
  }

  it("get a folder beside the first where they are asked for again", async () => {
    const second = await vscode.commands.executeCommand<string>("fearlessThreads.openLessons", place);
    assert.equal(second, join(place, "fearless-threads-lessons-2"));
  });

  it("are offered where the library is named and not installed, and nowhere else", async () => {
    const text = 'import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n';
    const offers = async (uri: vscode.Uri): Promise<readonly string[]> => {
      const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>("vscode.executeCodeLensProvider", uri, 10);
      return lenses.map(({ command }) => command?.command ?? "").filter((command) => command.startsWith("fearless"));
    };
    const elsewhere = vscode.Uri.file(join(place, "elsewhere.ts"));
    await vscode.workspace.fs.writeFile(elsewhere, Buffer.from(text));
    await vscode.window.showTextDocument(elsewhere);
    await untilSo("the offer", async () => (await offers(elsewhere)).includes("fearlessThreads.openLessons"));
    const { document } = await openFile(text);
    await untilRules(document, ["unjoined-handle"]);
    assert.deepEqual(await offers(document.uri), ["fearlessThreads.run"]);
  });

  it("say what went wrong where there is no place for them", async () => {
    const nowhere = await vscode.commands.executeCommand<string | undefined>(
      "fearlessThreads.openLessons",
      join(place, "nowhere"),
    );
    assert.equal(nowhere, undefined);
  });
});
