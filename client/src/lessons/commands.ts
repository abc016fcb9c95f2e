/** The commands that the walkthrough is made of: the lessons, opened, run, and their mistakes shown and repaired. */
import { homedir } from "node:os";
import * as vscode from "vscode";
import type { Runner } from "../runner/runner.js";
import { makeLessonsFolder } from "./folder.js";
import { allLessons, knownFolder, type Lesson, lessonOf, lessonPath, rememberFolder } from "./lessons.js";
import { noteDone } from "./progress.js";
import { showLesson } from "./show.js";

/** `<publisher>.<name>#<id>` of the walkthrough in the manifest. */
function walkthroughId(context: vscode.ExtensionContext): string {
  return `${context.extension.id}#start`;
}

export async function getStarted(context: vscode.ExtensionContext): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", walkthroughId(context), false);
}

/**
 * Makes a folder with the lessons and opens the first; with one that is there already, opens its first.
 *
 * @param parent Where to put it; without it the user is asked.
 * @returns the folder, or undefined where the user changed their mind.
 */
export async function openLessons(context: vscode.ExtensionContext, parent?: string): Promise<string | undefined> {
  const known = parent === undefined ? knownFolder(context) : undefined;
  const folder = known ?? (await makeFolder(context, parent));
  if (folder === undefined) return undefined;
  const [lesson] = await allLessons(context.extensionPath);
  if (lesson !== undefined) await showLesson(lessonPath(folder, lesson));
  noteDone("lessons");
  void (known === undefined ? offerNewFolder(folder) : offerKnownFolder(context, folder));
  return folder;
}

async function makeFolder(context: vscode.ExtensionContext, parent?: string): Promise<string | undefined> {
  const chosen = parent ?? (await choosePlace());
  if (chosen === undefined) return undefined;
  const folder = await makeLessonsFolder(context.extensionPath, chosen);
  await rememberFolder(context, folder);
  return folder;
}

async function choosePlace(): Promise<string | undefined> {
  const [place] =
    (await vscode.window.showOpenDialog({
      title: "Where to put the folder with the lessons?",
      openLabel: "Put the Lessons Here",
      canSelectFiles: false,
      canSelectFolders: true,
      defaultUri: vscode.Uri.file(homedir()),
    })) ?? [];
  if (place === undefined) return undefined;
  if (place.scheme !== "file") throw new Error(`the lessons need a folder on a disk, which ${place.scheme} is not`);
  return place.fsPath;
}

const show = "Open the Folder";
const another = "Make Another Folder";

/** Lessons work without their folder being open; whoever wants to see all of them at once opens it. */
async function offerNewFolder(folder: string): Promise<void> {
  const answer = await vscode.window.showInformationMessage(`The lessons are in ${folder}`, show);
  if (answer === show) await openFolder(folder);
}

async function offerKnownFolder(context: vscode.ExtensionContext, folder: string): Promise<void> {
  const isOpen = vscode.workspace.getWorkspaceFolder(vscode.Uri.file(folder)) !== undefined;
  const says = `You have the lessons already, in ${folder}`;
  const answer = await vscode.window.showInformationMessage(says, ...(isOpen ? [another] : [show, another]));
  if (answer === show) await openFolder(folder);
  if (answer !== another) return;
  const place = await choosePlace();
  if (place !== undefined) await openLessons(context, place);
}

async function openFolder(folder: string): Promise<void> {
  const forceNewWindow = vscode.workspace.workspaceFolders !== undefined;
  await vscode.commands.executeCommand("vscode.openFolder", vscode.Uri.file(folder), { forceNewWindow });
}

/** Opens a lesson or a pitfall: the one named, or one that is chosen. */
export async function openLesson(
  context: vscode.ExtensionContext,
  named: string | undefined,
): Promise<vscode.TextEditor | undefined> {
  const lessons = await allLessons(context.extensionPath);
  const lesson = lessons.find(({ name }) => name === named) ?? (await chooseLesson(lessons));
  if (lesson === undefined) return undefined;
  const folder = knownFolder(context) ?? (await makeFolder(context));
  if (folder === undefined) return undefined;
  noteDone("lessons");
  return showLesson(lessonPath(folder, lesson));
}

async function chooseLesson(lessons: readonly Lesson[]): Promise<Lesson | undefined> {
  const items = lessons.map((lesson) => ({ label: lesson.title, lesson }));
  return (await vscode.window.showQuickPick(items, { placeHolder: "Which lesson?" }))?.lesson;
}

/** Opens a lesson or a pitfall, and does something with it. */
export async function withLesson(
  context: vscode.ExtensionContext,
  named: string,
  act: (editor: vscode.TextEditor) => Promise<unknown>,
): Promise<void> {
  const editor = await openLesson(context, named);
  if (editor !== undefined) await act(editor);
}

/** A lesson that ran is done, however it was started. */
export function trackLessons(context: vscode.ExtensionContext, runner: Runner): vscode.Disposable {
  return runner.onDidEnd(async ({ uri }) => {
    const lesson = lessonOf(await allLessons(context.extensionPath), uri);
    if (lesson !== undefined) noteDone(lesson.name);
  });
}
