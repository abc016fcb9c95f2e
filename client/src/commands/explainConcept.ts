/** Explains a concept of the mental model: the one named, or one that is chosen. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { showPage } from "../pages.js";

export async function explainConcept(context: vscode.ExtensionContext, named?: string): Promise<void> {
  const chosen = named ?? (await chooseConcept(join(context.extensionPath, "server", "dist", "concepts")));
  if (chosen !== undefined) await showPage("concept", chosen);
}

async function chooseConcept(folder: string): Promise<string | undefined> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md"));
  const concepts = files.map(async (file) => ({
    id: file.slice(0, -".md".length),
    label: /^title: (.*)$/m.exec(await readFile(join(folder, file), "utf8"))?.[1] ?? file,
  }));
  const items = (await Promise.all(concepts)).sort((a, b) => a.label.localeCompare(b.label));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Which concept?" }))?.id;
}
