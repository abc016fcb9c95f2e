/** The timeline of the last run: which thread ran when, what it waited for, and who joined it. */
import { randomBytes } from "node:crypto";
import { basename } from "node:path";
import * as vscode from "vscode";
import type { Runner, StartedRun } from "../runner/runner.js";
import type { PageMessage, ShowMessage } from "./messages.js";
import { createRecorder, type Recording } from "./recorder.js";
import { timelineOf } from "./timeline.js";

/** How often a picture that changes is drawn anew, in milliseconds. */
const redraw = 300;

const viewType = "fearlessThreads.timeline";

export interface TimelinePanel extends vscode.Disposable {
  /** Opens it beside the code, or brings it to the front. */
  show(): void;
  /** Whether there is something to show of the file that was run last. */
  isOf(uri: vscode.Uri): boolean;
}

export function createTimelinePanel(context: vscode.ExtensionContext, runner: Runner): TimelinePanel {
  const recorder = createRecorder(runner);
  let panel: vscode.WebviewPanel | undefined;
  let timer: NodeJS.Timeout | undefined;

  const draw = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    const recording = recorder.last();
    if (panel === undefined || recording === undefined) return;
    panel.title = titleOf(recording.run);
    const message = await pictureOf(recording);
    // While the sources were read, another run may have started, or this one ended.
    if (recorder.last() === recording && message.timeline.state === recording.state) {
      void panel?.webview.postMessage(message);
    }
  };
  const hear = (message: PageMessage): void => {
    const recording = recorder.last();
    if (message.type === "ready") void draw();
    else if (recording !== undefined) void goTo(recording.run, message.to);
  };
  const show = (): void => {
    const recording = recorder.last();
    if (recording === undefined) {
      void vscode.window.showInformationMessage("Fearless Threads: run a file that starts threads first.");
      return;
    }
    if (panel === undefined) {
      panel = open(context.extensionUri, titleOf(recording.run));
      panel.webview.onDidReceiveMessage(hear);
      panel.onDidDispose(() => {
        panel = undefined;
      });
    } else {
      panel.reveal(undefined, true);
    }
    void draw();
  };

  recorder.onDidStart(({ uri }) => {
    void vscode.commands.executeCommand("setContext", "fearlessThreads.hasTimeline", true);
    if (vscode.workspace.getConfiguration("fearlessThreads.run", uri).get("openTimeline", false)) show();
    else void draw();
  });
  recorder.onDidGrow(() => {
    timer ??= setTimeout(() => void draw(), redraw);
  });
  recorder.onDidEnd(() => void draw());
  return {
    show,
    isOf: (uri) => recorder.last()?.run.uri.toString() === uri.toString(),
    dispose() {
      clearTimeout(timer);
      recorder.dispose();
      panel?.dispose();
    },
  };
}

async function pictureOf({ run, sources, events, state }: Recording): Promise<ShowMessage> {
  const timeline = timelineOf(events, state);
  return { type: "show", title: basename(run.title), timeline, lines: await sources.linesOf(timeline) };
}

function titleOf({ title }: StartedRun): string {
  return `Timeline: ${basename(title)}`;
}

function open(extension: vscode.Uri, title: string): vscode.WebviewPanel {
  const folder = vscode.Uri.joinPath(extension, "client", "dist");
  const panel = vscode.window.createWebviewPanel(
    viewType,
    title,
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
