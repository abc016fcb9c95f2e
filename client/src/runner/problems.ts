/** Panics of the last run as problems in the editor. */
import * as vscode from "vscode";
import type { Position, RunEvent } from "../../../server/src/run/events.js";

export interface RunProblems extends vscode.Disposable {
  add(event: RunEvent, uriOf: (file: string) => vscode.Uri): void;
  clear(): void;
}

/** A file's problems go when it is edited: they were about another text. */
export function createRunProblems(): RunProblems {
  const collection = vscode.languages.createDiagnosticCollection("fearless-threads-run");
  const editing = vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
    if (contentChanges.length > 0) collection.delete(document.uri);
  });
  return {
    add(event, uriOf) {
      if (event.kind !== "panic" && event.kind !== "failure") return;
      if (event.position === undefined) return;
      const uri = uriOf(event.position.file);
      const before = collection.get(uri) ?? [];
      // A panic that nobody took is what ends the program then: it is there already.
      if (event.kind === "failure" && before.some(({ range }) => isAt(range, event.position))) return;
      const problem = new vscode.Diagnostic(
        rangeAt(uri, event.position),
        message(event),
        vscode.DiagnosticSeverity.Error,
      );
      problem.source = "fearless-threads run";
      problem.code = event.kind === "panic" ? "panic" : "uncaught";
      collection.set(uri, [...before, problem]);
    },
    clear: () => collection.clear(),
    dispose() {
      editing.dispose();
      collection.dispose();
    },
  };
}

function message(event: Extract<RunEvent, { kind: "panic" | "failure" }>): string {
  if (event.kind === "failure") return event.message;
  return `thread '${event.name ?? "<unnamed>"}' panicked: ${event.message}`;
}

function isAt({ start }: vscode.Range, position: Position | undefined): boolean {
  return start.line + 1 === position?.line && start.character + 1 === position.column;
}

/** From the place to the end of its line, where the document is open; else the one character. */
function rangeAt(uri: vscode.Uri, { line, column }: Position): vscode.Range {
  const start = new vscode.Position(line - 1, Math.max(0, column - 1));
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open === undefined || start.line >= open.lineCount) return new vscode.Range(start, start.translate(0, 1));
  const end = open.lineAt(start.line).range.end;
  return new vscode.Range(start, end.isAfter(start) ? end : start.translate(0, 1));
}
