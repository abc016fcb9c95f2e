/** Explains a rule: the one the cursor is on, or one that is chosen. */
import * as vscode from "vscode";
import { showPage } from "../pages.js";

/** The names of all rules, from the settings' schema in the manifest, which a test holds against the catalogue. */
function ruleNames(context: vscode.ExtensionContext): readonly string[] {
  const { contributes } = context.extension.packageJSON as {
    contributes: { configuration: { properties: Record<string, { properties?: Record<string, unknown> }> } };
  };
  return Object.keys(contributes.configuration.properties["fearlessThreads.rules"]?.properties ?? {});
}

function ruleAtCursor(rules: readonly string[]): string | undefined {
  const editor = vscode.window.activeTextEditor;
  if (editor === undefined) return undefined;
  const here = vscode.languages
    .getDiagnostics(editor.document.uri)
    .filter(({ range }) => range.contains(editor.selection.active));
  const codes = here.map(({ code }) => String(typeof code === "object" ? code.value : code));
  return codes.find((code) => rules.includes(code));
}

export async function explainRule(context: vscode.ExtensionContext, named?: string): Promise<void> {
  const rules = ruleNames(context);
  const chosen =
    named ?? ruleAtCursor(rules) ?? (await vscode.window.showQuickPick(rules, { placeHolder: "Which rule?" }));
  if (chosen !== undefined) await showPage("rule", chosen);
}
