/** The timeline of the last run: which thread ran when, what it waited for, and who joined it. */
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { RunEvent } from "../../../server/src/run/events.js";
import type { Runner, StartedRun } from "../runner/runner.js";
import type { PageMessage, ShowMessage } from "./messages.js";
import { createSources, type Sources } from "./sources.js";
import { type Timeline, timelineOf } from "./timeline.js";

/** How often a picture that changes is drawn anew, in milliseconds. */
const redraw = 300;

/** Waits that come after so many events are not kept: a picture of more says no more. */
const maxEvents = 20_000;

const viewType = "fearlessThreads.timeline";

export interface TimelinePanel extends vscode.Disposable {
  /** Opens it beside the code, or brings it to the front. */
  show(): void;
  /** Whether there is something to show of the file that was run last. */
  isOf(uri: vscode.Uri): boolean;
}

interface Recording {
  readonly run: StartedRun;
  readonly sources: Sources;
  readonly events: RunEvent[];
  state: Timeline["state"];
}

export function createTimelinePanel(context: vscode.ExtensionContext, runner: Runner): TimelinePanel {
  let recording: Recording | undefined;
  let panel: vscode.WebviewPanel | undefined;
  let timer: NodeJS.Timeout | undefined;

  const draw = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (panel === undefined || recording === undefined) return;
    const drawn = recording;
    const title = basename(drawn.run.title);
    panel.title = `Timeline: ${title}`;
    const timeline = timelineOf(drawn.events, drawn.state);
    const lines = await drawn.sources.linesOf(timeline);
    // While the sources were read, more may have been drawn.
    if (recording !== drawn || timeline.state !== drawn.state) return;
    const message: ShowMessage = { type: "show", title, timeline, lines };
    void panel?.webview.postMessage(message);
  };
  const hear = (message: PageMessage): void => {
    if (message.type === "ready") void draw();
    else if (recording !== undefined) void goTo(recording.run, message.to);
  };
  const show = (): void => {
    if (recording === undefined) {
      void vscode.window.showInformationMessage("Fearless Threads: run a file that starts threads first.");
      return;
    }
    if (panel === undefined) {
      panel = open(context.extensionUri);
      panel.webview.onDidReceiveMessage(hear);
      panel.onDidDispose(() => {
        panel = undefined;
      });
    } else {
      panel.reveal(undefined, true);
    }
    void draw();
  };

  const listening = vscode.Disposable.from(
    runner.onDidStart((run) => {
      recording = { run, sources: createSources(run.uriOf), events: [], state: "running" };
      void vscode.commands.executeCommand("setContext", "fearlessThreads.hasTimeline", true);
      const settings = vscode.workspace.getConfiguration("fearlessThreads.run", run.uri);
      if (settings.get("openTimeline", false)) show();
      void draw();
    }),
    runner.onDidTell((event) => {
      if (recording === undefined || event.kind === "output") return;
      if (event.kind === "wait" && recording.events.length >= maxEvents) return;
      recording.events.push(event);
      timer ??= setTimeout(() => void draw(), redraw);
    }),
    runner.onDidChangeRunning(() => {
      if (recording === undefined || runner.isRunning(recording.run.uri)) return;
      recording.state = "over";
      void draw();
    }),
  );
  return {
    show,
    isOf: (uri) => recording?.run.uri.toString() === uri.toString(),
    dispose() {
      clearTimeout(timer);
      listening.dispose();
      panel?.dispose();
    },
  };
}

function open(extension: vscode.Uri): vscode.WebviewPanel {
  const folder = vscode.Uri.joinPath(extension, "client", "dist");
  const panel = vscode.window.createWebviewPanel(
    viewType,
    "Timeline",
    { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true },
    { enableScripts: true, localResourceRoots: [folder] },
  );
  panel.webview.html = page(panel.webview, folder);
  return panel;
}

function page(webview: vscode.Webview, folder: vscode.Uri): string {
  const nonce = randomBytes(16).toString("hex");
  const uri = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(folder, name)).toString();
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${uri("timeline.css")}">
<title>Timeline</title>
</head>
<body>
<script nonce="${nonce}" src="${uri("timeline.js")}"></script>
</body>
</html>`;
}

/** In the column where the code was run, if it is there still; never over the timeline. */
async function goTo({ uriOf }: StartedRun, { file, line, column }: { file: string; line: number; column: number }) {
  const uri = uriOf(file);
  const shown = vscode.window.visibleTextEditors.find(({ document }) => document.uri.toString() === uri.toString());
  const position = new vscode.Position(line - 1, Math.max(0, column - 1));
  try {
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), {
      viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
      selection: new vscode.Range(position, position),
    });
  } catch (error) {
    void vscode.window.showErrorMessage(`Fearless Threads: ${error instanceof Error ? error.message : String(error)}`);
  }
}
