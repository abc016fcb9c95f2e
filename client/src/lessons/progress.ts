/** What the user has done, for the walkthrough: its steps tick themselves off by these context keys. */
import * as vscode from "vscode";

/** @example `fearlessThreads.did.01-spawn-and-join`, as `docs/walkthrough.ts` writes them */
export function noteDone(what: string): void {
  void vscode.commands.executeCommand("setContext", `fearlessThreads.did.${what}`, true);
}
