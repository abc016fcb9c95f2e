/** ▶ above the import of the thread library. */
import * as vscode from "vscode";
import { languages } from "../languages.js";
import type { Runner } from "./runner.js";
import { threadImportOffset } from "./usesThreads.js";

export function registerRunLens(runner: Runner): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      const settings = vscode.workspace.getConfiguration("fearlessThreads.run", document);
      const offset = threadImportOffset(document.getText());
      if (offset === undefined || !settings.get("codeLens", true)) return [];
      const { line } = document.positionAt(offset);
      return [new vscode.CodeLens(new vscode.Range(line, 0, line, 0), lensCommand(runner, document.uri))];
    },
  };
  return vscode.Disposable.from(
    changed,
    runner.onDidChangeRunning(() => changed.fire()),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("fearlessThreads.run.codeLens")) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider([...languages], provider),
  );
}

function lensCommand(runner: Runner, uri: vscode.Uri): vscode.Command {
  if (runner.isRunning(uri)) return { title: "■ Stop", command: "fearlessThreads.stop" };
  return {
    title: "▶ Run on real workers",
    tooltip: "Runs this text, saved or not, in a process of its own with real threads",
    command: "fearlessThreads.run",
    arguments: [uri],
  };
}
