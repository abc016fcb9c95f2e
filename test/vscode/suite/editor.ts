/** What the tests do again and again in an editor, in the user's words. */
import * as vscode from "vscode";

export const folder = vscode.workspace.workspaceFolders![0]!.uri;

let files = 0;

/** Opens a new file with this text in the editor. */
export async function openFile(text: string, extension = "ts"): Promise<vscode.TextEditor> {
  const uri = vscode.Uri.joinPath(folder, `case-${++files}.${extension}`);
  await vscode.workspace.fs.writeFile(uri, Buffer.from(text));
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri));
}

/** Opens a text that was never saved. */
export async function openUntitled(content: string, language = "typescript"): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ language, content }));
}

/** Closes every editor and forgets what was typed; VS Code would ask about it, and nobody is there to answer. */
export async function closeAll(): Promise<void> {
  for (const document of vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty)) {
    await vscode.window.showTextDocument(document);
    await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  }
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** One keystroke a character, as the keyboard sends them. */
export async function type(text: string): Promise<void> {
  for (const character of text) await vscode.commands.executeCommand("type", { text: character });
}

/**
 * Gives a command that applies a code action, until it has edited the document.
 *
 * The editor asks for code actions by itself 250 ms after the cursor moved or markers changed, and drops what a command
 * was still waiting for: then nothing happens, and a person gives the command again.
 */
export async function editBy(document: vscode.TextDocument, command: string, ...given: unknown[]): Promise<void> {
  const before = document.getText();
  for (let tries = 0; tries < 6 && document.getText() === before; tries++) {
    await vscode.commands.executeCommand(command, ...given);
    await until("an edit", () => document.getText() !== before, 10_000).catch(() => {});
  }
}

/** Puts the cursor behind (or the selection on) the first place where `text` stands. */
export function select(editor: vscode.TextEditor, text: string): void {
  const start = editor.document.getText().indexOf(text);
  if (start < 0) throw new Error(`"${text}" is not in the editor`);
  const position = editor.document.positionAt(start);
  editor.selection = new vscode.Selection(position, editor.document.positionAt(start + text.length));
}

/** Selects the text, deletes it and types another in its place. */
export async function retype(editor: vscode.TextEditor, text: string, other: string): Promise<void> {
  select(editor, text);
  // Typing a bracket over a selection would put it around it.
  await vscode.commands.executeCommand("deleteLeft");
  await type(other);
}

export function ruleOf({ code }: vscode.Diagnostic): string {
  return String(typeof code === "object" ? code.value : code);
}

/** Our findings in a document. */
export function findings(document: vscode.TextDocument): vscode.Diagnostic[] {
  return vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === "fearless-threads");
}

export function rules(document: vscode.TextDocument): string[] {
  return findings(document).map(ruleOf).sort();
}

/** Asks until the answer is there. What is asked must say what it waits for, since that is the error. */
export async function until<T>(what: string, ask: () => T | undefined | false, patience = 60_000): Promise<T> {
  const end = Date.now() + patience;
  for (;;) {
    const answer = ask();
    if (answer !== undefined && answer !== false) return answer;
    if (Date.now() > end) throw new Error(`Waited ${patience / 1000} s for: ${what}`);
    await sleep(20);
  }
}

/** Waits until the document has exactly these findings. */
export async function untilRules(document: vscode.TextDocument, expected: readonly string[]): Promise<void> {
  const wanted = [...expected].sort().join();
  await until(`findings [${wanted}] in\n${document.getText()}`, () => rules(document).join() === wanted).catch(
    (error) => {
      throw new Error(`${error.message}\nbut found [${rules(document).join()}]`);
    },
  );
}

export function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
