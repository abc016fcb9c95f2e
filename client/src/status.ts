/** The status bar item: what the server is doing, and how to see more. */
import * as vscode from "vscode";
import { State as ClientState, type LanguageClient } from "vscode-languageclient/node";
import { type ServerState, type StatusParams, statusNotification } from "../../server/src/lsp/protocol.js";
import { tell } from "./languageClient.js";
import { isOurLanguage } from "./languages.js";

/** What the item can show: what the server says, and that there is none. */
type Shown = ServerState | "stopped" | "start-failed";

interface Look {
  readonly icon: string;
  readonly says: string;
  readonly background?: "warning" | "error";
}

const looks: Readonly<Record<Shown, Look>> = {
  starting: { icon: "$(loading~spin)", says: "The server is starting." },
  ready: { icon: "$(check)", says: "Every open file is checked." },
  busy: { icon: "$(sync~spin)", says: "Checking …" },
  "compiler-restarting": {
    icon: "$(sync~spin)",
    says: "The TypeScript compiler is starting again; findings are the last good ones.",
    background: "warning",
  },
  failed: { icon: "$(error)", says: "The TypeScript compiler cannot be had.", background: "error" },
  "start-failed": { icon: "$(error)", says: "The server does not start. Its log says why.", background: "error" },
  stopped: { icon: "$(circle-slash)", says: "The server is not running.", background: "error" },
};

/** What a click does: a server that died too often is not started again by itself. */
const clicks = {
  output: { command: "fearlessThreads.showOutput", says: "Click for the server's output." },
  restart: { command: "fearlessThreads.restartServer", says: "Click to start it again." },
} as const;

/** Follows the client's life and the server's reports. The item shows where a TypeScript or JavaScript file does. */
export function createStatus(client: LanguageClient, output: vscode.LogOutputChannel): vscode.Disposable {
  const item = vscode.window.createStatusBarItem("fearlessThreads.status", vscode.StatusBarAlignment.Right, 100);
  item.name = "Fearless Threads";

  let shown: Shown = "starting";
  let last: StatusParams | undefined;
  /** Whether the failure that lasts was told: each keystroke asks the compiler again. */
  let told = false;

  const draw = (): void => {
    const { icon, says, background } = looks[shown];
    const found = (last?.errors ?? 0) + (last?.warnings ?? 0);
    item.text = found > 0 && shown === "ready" ? `$(warning) Threads ${found}` : `${icon} Threads`;
    const click = shown === "stopped" || shown === "start-failed" ? clicks.restart : clicks.output;
    item.command = click.command;
    item.tooltip = tooltip(last?.message ?? says, click.says, last);
    item.accessibilityInformation = { label: `Fearless Threads: ${shown}` };
    item.backgroundColor = background && new vscode.ThemeColor(`statusBarItem.${background}Background`);
    const document = vscode.window.activeTextEditor?.document;
    // Reading the output is not leaving the file.
    if (document?.uri.scheme === "output") return;
    if (document !== undefined && isOurLanguage(document.languageId)) item.show();
    else item.hide();
  };

  draw();
  return vscode.Disposable.from(
    item,
    vscode.window.onDidChangeActiveTextEditor(draw),
    client.onDidChangeState(({ oldState, newState }) => {
      if (newState !== ClientState.Running) last = undefined;
      told = false;
      // What is left of a server that did not start goes away, too.
      if (oldState === ClientState.StartFailed && newState === ClientState.Stopped) return;
      shown = shownIn(newState);
      draw();
    }),
    client.onNotification(statusNotification, (params: StatusParams) => {
      last = params;
      shown = params.state;
      draw();
      if (shown === "failed" && !told) void tell(output, `Fearless Threads: ${params.message ?? looks.failed.says}`);
      told = shown !== "ready" && (told || shown === "failed");
    }),
  );
}

/** What can be said before the server says something. */
function shownIn(state: ClientState): Shown {
  switch (state) {
    case ClientState.StartFailed:
      return "start-failed";
    case ClientState.Stopped:
      return "stopped";
    case ClientState.Starting:
    case ClientState.Running:
      return "starting";
  }
}

function tooltip(says: string, click: string, status: StatusParams | undefined): vscode.MarkdownString {
  const text = new vscode.MarkdownString(`**Fearless Threads**\n\n${says}`);
  if (status !== undefined) {
    const { errors, warnings, hints, checked } = status;
    const files = checked === 1 ? "1 open file uses threads" : `${checked} open files use threads`;
    text.appendMarkdown(`\n\n${files}: ${errors} errors, ${warnings} warnings, ${hints} hints.`);
  }
  const links =
    "[Open the log](command:fearlessThreads.showOutput) · [Get started](command:fearlessThreads.getStarted)";
  text.appendMarkdown(`\n\n${click}\n\n${links}`);
  text.isTrusted = { enabledCommands: ["fearlessThreads.showOutput", "fearlessThreads.getStarted"] };
  return text;
}
