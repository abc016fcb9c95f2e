/** Whether a file names the library and does not have it: then it is not checked, and nothing else would say so. */
import * as vscode from "vscode";

/** TypeScript's "Cannot find module …", which knows of paths, workspaces and whatever else leads to a package. */
const cannotFind = 2307;

export function isLibraryMissing(uri: vscode.Uri): boolean {
  return vscode.languages
    .getDiagnostics(uri)
    .some(
      ({ code, message }) =>
        Number(typeof code === "object" ? code.value : code) === cannotFind && message.includes("'fearless-threads'"),
    );
}

export const missingCommand: vscode.Command = {
  title: "Not installed here, so nothing is checked: open the lessons, which bring it along",
  tooltip: "Makes a folder with the lessons and the library, where findings, repairs and runs need no network",
  command: "fearlessThreads.openLessons",
};
