/** ▶ Run on real workers: the text in the editor, in a process of its own, its output streamed. */
import { homedir } from "node:os";
import { basename, dirname, join, relative } from "node:path";
import * as vscode from "vscode";
import { closingLine, type RunEvent, type RunSummary } from "../../../server/src/run/events.js";
import { partsIn, type Run, runProgram } from "../../../server/src/run/program.js";
import { isOurLanguage } from "../languages.js";
import { findNode, type NodeProgram } from "./node.js";
import { createRunProblems, type RunProblems } from "./problems.js";
import { createRunOutput, type RunOutput } from "./runOutput.js";

/** A run that is over by then shows no progress notification, in milliseconds. */
const progressDelay = 800;

export interface Runner extends vscode.Disposable {
  /** Runs a document to its end. A run that is still going is stopped first. */
  run(document: vscode.TextDocument): Promise<RunSummary | undefined>;
  stop(): void;
  isRunning(uri: vscode.Uri): boolean;
  readonly onDidChangeRunning: vscode.Event<void>;
  readonly onDidStart: vscode.Event<StartedRun>;
  /** What the run that was started last tells, in order. */
  readonly onDidTell: vscode.Event<RunEvent>;
  readonly onDidEnd: vscode.Event<EndedRun>;
}

export interface StartedRun {
  readonly uri: vscode.Uri;
  /** What the file is called in the workspace. */
  readonly title: string;
  /** Where the text of a file is that the run names: in an editor, if it was never saved. */
  readonly uriOf: (file: string) => vscode.Uri;
}

export interface EndedRun {
  readonly uri: vscode.Uri;
  readonly summary: RunSummary;
}

interface Current {
  readonly uri: vscode.Uri;
  readonly run: Run;
}

export function createRunner(context: vscode.ExtensionContext): Runner {
  const parts = partsIn(vscode.Uri.joinPath(context.extensionUri, "server", "dist").fsPath);
  const output = createRunOutput();
  const problems = createRunProblems();
  const changed = new vscode.EventEmitter<void>();
  const started = new vscode.EventEmitter<StartedRun>();
  const told = new vscode.EventEmitter<RunEvent>();
  const ended = new vscode.EventEmitter<EndedRun>();
  let current: Current | undefined;

  const setCurrent = (next: Current | undefined): void => {
    current = next;
    void vscode.commands.executeCommand("setContext", "fearlessThreads.running", next !== undefined);
    changed.fire();
  };

  return {
    async run(document) {
      if (current !== undefined) {
        current.run.cancel();
        await current.run.summary.catch(() => {});
      }
      const settings = vscode.workspace.getConfiguration("fearlessThreads.run", document);
      const node = await findNode(settings.get("node", ""));
      const program = programOf(document);
      output.start(`▶ ${program.title}  (Node ${node.version.replace(/^v/, "")})`, program.cwd);
      problems.clear();
      const args = settings.get<string[]>("arguments", []);
      started.fire({ uri: document.uri, title: program.title, uriOf: program.uriOf });
      const tell = teller(output, problems, program, told);
      const run = runProgram(
        { ...program, node: node.path, env: environment(node), parts, args, output: "events", activity: true },
        tell,
      );
      setCurrent({ uri: document.uri, run });
      showProgress(run, program.title);
      try {
        const summary = await run.summary;
        output.line(closingLine(summary));
        ended.fire({ uri: document.uri, summary });
        return summary;
      } finally {
        if (current?.run === run) setCurrent(undefined);
      }
    },
    stop: () => current?.run.cancel(),
    isRunning: (uri) => current?.uri.toString() === uri.toString(),
    onDidChangeRunning: changed.event,
    onDidStart: started.event,
    onDidTell: told.event,
    onDidEnd: ended.event,
    dispose() {
      current?.run.cancel();
      vscode.Disposable.from(output, problems, changed, started, told, ended).dispose();
    },
  };
}

/** What is run: the document's text, with every other unsaved text in place of its file. */
interface Program {
  readonly file: string;
  readonly text: string | undefined;
  readonly overlays: ReadonlyMap<string, string>;
  readonly cwd: string;
  readonly title: string;
  readonly uriOf: (file: string) => vscode.Uri;
}

const untitledExtensions: Readonly<Record<string, string>> = {
  typescript: ".ts",
  typescriptreact: ".tsx",
  javascript: ".js",
  javascriptreact: ".jsx",
};

function programOf(document: vscode.TextDocument): Program {
  const saved = document.uri.scheme === "file";
  // A file from elsewhere runs where it lies.
  const folder = vscode.workspace.getWorkspaceFolder(document.uri) ?? (saved ? undefined : firstFolder());
  const cwd = folder?.uri.fsPath ?? (saved ? dirname(document.uri.fsPath) : homedir());
  const name = basename(document.uri.path) + (untitledExtensions[document.languageId] ?? ".ts");
  const file = saved ? document.uri.fsPath : join(cwd, name);
  const others = vscode.workspace.textDocuments.filter(
    (open) => open.isDirty && open.uri.scheme === "file" && isOurLanguage(open.languageId) && open !== document,
  );
  return {
    file,
    text: saved && !document.isDirty ? undefined : document.getText(),
    overlays: new Map(others.map((open) => [open.uri.fsPath, open.getText()])),
    cwd,
    title: saved ? relative(cwd, file) : basename(document.uri.path),
    uriOf: (path) => (path === file ? document.uri : vscode.Uri.file(path)),
  };
}

function firstFolder(): vscode.WorkspaceFolder | undefined {
  return vscode.workspace.workspaceFolders?.[0];
}

function teller(
  output: RunOutput,
  problems: RunProblems,
  { uriOf }: Program,
  told: vscode.EventEmitter<RunEvent>,
): (event: RunEvent) => void {
  return (event) => {
    if (event.kind === "output") output.write(event.text);
    else problems.add(event, uriOf);
    told.fire(event);
  };
}

/** An output channel shows text, not the terminal's colours. */
function environment(node: NodeProgram): Readonly<Record<string, string | undefined>> {
  return { NO_COLOR: "1", FORCE_COLOR: undefined, NODE_OPTIONS: undefined, ...node.env };
}

function showProgress(run: Run, title: string): void {
  const ended = run.summary.then(
    () => {},
    () => {},
  );
  const timer = setTimeout(() => {
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title: `Running ${title} on real workers`, cancellable: true },
      (_progress, token) => {
        token.onCancellationRequested(() => run.cancel());
        return ended;
      },
    );
  }, progressDelay);
  void ended.then(() => clearTimeout(timer));
}
