/** The extension's entry: what is started, and which command leads where. */
import * as vscode from "vscode";
import type { LanguageClient } from "vscode-languageclient/node";
import { explainConcept } from "./commands/explainConcept.js";
import { explainRule } from "./commands/explainRule.js";
import { createChannels, createLanguageClient, restart, start } from "./languageClient.js";
import { isOurLanguage } from "./languages.js";
import * as lessons from "./lessons/commands.js";
import { repairMistake, showMistake } from "./lessons/show.js";
import { countFindings, registerPages, showRendered } from "./pages.js";
import { registerRunLens } from "./runner/codeLens.js";
import { trackThreadUse } from "./runner/context.js";
import { createRunner, type Runner } from "./runner/runner.js";
import { createStatus } from "./status.js";
import { createTimelinePanel, type TimelinePanel } from "./timeline/panel.js";

let client: LanguageClient | undefined;

export function activate(context: vscode.ExtensionContext): void {
  const channels = createChannels();
  client = createLanguageClient(context, channels);
  const runner = createRunner(context);
  const timeline = createTimelinePanel(context, runner);
  context.subscriptions.push(
    channels.output,
    channels.trace,
    createStatus(client, channels.output),
    registerPages(client),
    runner,
    timeline,
    registerRunLens(runner, timeline),
    trackThreadUse(),
    lessons.trackLessons(context, runner),
    ...registerCommands(context, client, runner, timeline, channels.output),
  );
  start(client);
}

/** The server's process is ended with the window. */
export async function deactivate(): Promise<void> {
  // One that never started cannot be stopped, and need not be.
  await client?.dispose().catch(() => {});
}

function registerCommands(
  context: vscode.ExtensionContext,
  started: LanguageClient,
  runner: Runner,
  timeline: TimelinePanel,
  output: vscode.LogOutputChannel,
): readonly vscode.Disposable[] {
  const count = (document: vscode.TextDocument): Promise<number> => countFindings(started, document);
  const commands: Readonly<Record<string, (...args: never[]) => unknown>> = {
    "fearlessThreads.run": async (uri?: vscode.Uri) => {
      const document = await documentFor(uri);
      if (document !== undefined) return reporting(() => runner.run(document));
    },
    "fearlessThreads.stop": () => runner.stop(),
    "fearlessThreads.showTimeline": () => timeline.show(),
    "fearlessThreads.restartServer": () => reporting(() => restart(started)),
    "fearlessThreads.showOutput": () => output.show(),
    "fearlessThreads.explainRule": (rule?: string) => explainRule(context, named(rule)),
    "fearlessThreads.explainConcept": (concept?: string) => explainConcept(context, named(concept)),
    "fearlessThreads.getStarted": () => lessons.getStarted(context),
    "fearlessThreads.openLessons": (parent?: string) => reporting(() => lessons.openLessons(context, named(parent))),
    "fearlessThreads.openLesson": (lesson?: string) => reporting(() => lessons.openLesson(context, named(lesson))),
    "fearlessThreads.runLesson": (lesson: string) =>
      reporting(() => lessons.withLesson(context, lesson, ({ document }) => runner.run(document))),
    "fearlessThreads.showPitfall": (pitfall: string) =>
      reporting(() => lessons.withLesson(context, pitfall, (editor) => showMistake(editor, count))),
    "fearlessThreads.repairPitfall": (pitfall: string) =>
      reporting(() => lessons.withLesson(context, pitfall, (editor) => repairMistake(editor, count))),
    "fearlessThreads.showRendered": async () => {
      const document = await documentFor(undefined);
      if (document !== undefined) await showRendered(document);
    },
  };
  return Object.entries(commands).map(([name, run]) => vscode.commands.registerCommand(name, run));
}

/** What links give a command; menus and keys give other things, or nothing. */
function named(argument: unknown): string | undefined {
  return typeof argument === "string" ? argument : undefined;
}

/** The document that a command is about: the one it is given, or the one in the active editor. */
async function documentFor(uri: vscode.Uri | undefined): Promise<vscode.TextDocument | undefined> {
  const document =
    uri instanceof vscode.Uri ? await vscode.workspace.openTextDocument(uri) : vscode.window.activeTextEditor?.document;
  if (document !== undefined && isOurLanguage(document.languageId)) return document;
  void vscode.window.showInformationMessage("Fearless Threads: open a TypeScript or JavaScript file first.");
  return undefined;
}

async function reporting<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    void vscode.window.showErrorMessage(`Fearless Threads: ${error instanceof Error ? error.message : String(error)}`);
    return undefined;
  }
}
