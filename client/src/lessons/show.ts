/** Opens a lesson beside the walkthrough that leads to it, shows its finding, and repairs it. */
import * as vscode from "vscode";

/** In place of the text that is there, or beside what is no text, such as a walkthrough. */
export async function showLesson(path: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path));
  const { activeTab } = vscode.window.tabGroups.activeTabGroup;
  const isFree = activeTab === undefined || activeTab.input instanceof vscode.TabInputText;
  const viewColumn = isFree ? vscode.ViewColumn.Active : vscode.ViewColumn.Beside;
  return vscode.window.showTextDocument(document, { viewColumn, preview: false });
}

/** How many findings a document has, once it was checked. */
export type CountFindings = (document: vscode.TextDocument) => Promise<number>;

/** Puts the cursor on the first finding, and shows what is said about it. */
export async function showMistake(editor: vscode.TextEditor, count: CountFindings): Promise<void> {
  const finding = await firstFinding(editor.document, count);
  if (finding === undefined) return;
  const { start } = finding.range;
  // The hover is shown in the editor that has the focus, which may have gone elsewhere while the finding was looked for.
  const { document, viewColumn = vscode.ViewColumn.Active } = editor;
  await vscode.window.showTextDocument(document, {
    viewColumn,
    selection: new vscode.Range(start, start),
    preview: false,
  });
  await vscode.commands.executeCommand("editor.action.showHover");
}

/** Applies the fix that is preferred, as the lightbulb would. */
export async function repairMistake(editor: vscode.TextEditor, count: CountFindings): Promise<void> {
  const { document } = editor;
  const finding = await firstFinding(document, count);
  if (finding === undefined) return;
  const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
    "vscode.executeCodeActionProvider",
    document.uri,
    finding.range,
    vscode.CodeActionKind.QuickFix.value,
  );
  const edit = actions.find(({ isPreferred }) => isPreferred === true)?.edit;
  if (edit === undefined) throw new Error("no repair is known for this mistake");
  await vscode.workspace.applyEdit(edit);
}

/** Says so where there is none. */
async function firstFinding(
  document: vscode.TextDocument,
  count: CountFindings,
): Promise<vscode.Diagnostic | undefined> {
  return vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: "Looking for the mistake" },
    async () => {
      if ((await count(document)) > 0) return shownFinding(document);
      void vscode.window.showInformationMessage("Fearless Threads finds no mistake here any more: run it.");
      return undefined;
    },
  );
}

/** The first finding as the editor has it, which is after the server does; none where the text is gone or another by then. */
function shownFinding(document: vscode.TextDocument): Promise<vscode.Diagnostic | undefined> {
  const { uri, version } = document;
  return new Promise((resolve) => {
    const look = (): void => {
      const found = vscode.languages.getDiagnostics(uri).find(isOurs);
      if (found === undefined && !document.isClosed && document.version === version) return;
      listening.dispose();
      resolve(found);
    };
    const listening = vscode.Disposable.from(
      vscode.languages.onDidChangeDiagnostics(look),
      vscode.workspace.onDidChangeTextDocument(look),
      vscode.workspace.onDidCloseTextDocument(look),
    );
    look();
  });
}

function isOurs({ source }: vscode.Diagnostic): boolean {
  return source === "fearless-threads";
}
