/** Keeps the context key that shows ▶ in the title of editors whose text starts threads. */
import * as vscode from "vscode";
import { isOurLanguage } from "../languages.js";
import { threadImportOffset } from "./usesThreads.js";

export function trackThreadUse(): vscode.Disposable {
  const update = (): void => {
    const document = vscode.window.activeTextEditor?.document;
    const uses = document && isOurLanguage(document.languageId) && threadImportOffset(document.getText()) !== undefined;
    void vscode.commands.executeCommand("setContext", "fearlessThreads.usesThreads", uses === true);
  };
  update();
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(update),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === vscode.window.activeTextEditor?.document) update();
    }),
  );
}
