/** ▶ above the import of the thread library. */
import * as vscode from "vscode";
import { languages } from "../languages.js";
import { isLibraryMissing, missingCommand } from "../lessons/missing.js";
import type { TimelinePanel } from "../timeline/panel.js";
import type { Runner } from "./runner.js";
import { threadImportOffset } from "./usesThreads.js";

export function registerRunLens(runner: Runner, timeline: TimelinePanel): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  /** The files whose lens says that the library is missing. */
  const missing = new Set<string>();
  const provider: vscode.CodeLensProvider = {
    onDidChangeCodeLenses: changed.event,
    provideCodeLenses(document) {
      const settings = vscode.workspace.getConfiguration("fearlessThreads.run", document);
      const offset = threadImportOffset(document.getText());
      if (offset === undefined || !settings.get("codeLens", true)) return [];
      const { line } = document.positionAt(offset);
      const commands = [
        lensCommand(runner, document.uri),
        ...(timeline.isOf(document.uri) ? [timelineCommand] : []),
        ...(isLibraryMissing(document.uri) ? [missingCommand] : []),
      ];
      return commands.map((command) => new vscode.CodeLens(new vscode.Range(line, 0, line, 0), command));
    },
  };
  return vscode.Disposable.from(
    changed,
    runner.onDidChangeRunning(() => changed.fire()),
    vscode.languages.onDidChangeDiagnostics(({ uris }) => {
      const turned = uris.filter((uri) => isLibraryMissing(uri) !== missing.has(uri.toString()));
      for (const uri of turned) if (!missing.delete(uri.toString())) missing.add(uri.toString());
      if (turned.length > 0) changed.fire();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration("fearlessThreads.run.codeLens")) changed.fire();
    }),
    vscode.languages.registerCodeLensProvider([...languages], provider),
  );
}

const timelineCommand: vscode.Command = {
  title: "Timeline",
  tooltip: "Shows which thread ran when, and what it waited for",
  command: "fearlessThreads.showTimeline",
};

function lensCommand(runner: Runner, uri: vscode.Uri): vscode.Command {
  if (runner.isRunning(uri)) return { title: "■ Stop", command: "fearlessThreads.stop" };
  return {
    title: "▶ Run on real workers",
    tooltip: "Runs this text, saved or not, in a process of its own with real threads",
    command: "fearlessThreads.run",
    arguments: [uri],
  };
}
