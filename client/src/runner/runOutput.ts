/** The output channel of a run, in which each `file:line:column` leads to its place. */
import { isAbsolute, join } from "node:path";
import * as vscode from "vscode";

export interface RunOutput extends vscode.Disposable {
  /** Empties the channel and shows it. `cwd` is what relative paths in the output start from. */
  start(title: string, cwd: string): void;
  write(text: string): void;
  line(text: string): void;
}

/** The language of the channel, contributed so that its links and colours are ours. */
const languageId = "fearless-threads-run";

const place = /((?:file:\/\/)?[^\s()'"<>]*\.[cm]?[jt]sx?):(\d+):(\d+)/g;

export function createRunOutput(): RunOutput {
  const channel = vscode.window.createOutputChannel("Fearless Threads: Run", languageId);
  let folder = "";
  let atLineStart = true;
  const links = vscode.languages.registerDocumentLinkProvider(
    { language: languageId },
    {
      provideDocumentLinks: (document) => [...findLinks(document, folder)],
    },
  );
  const write = (text: string): void => {
    if (text === "") return;
    channel.append(text);
    atLineStart = text.endsWith("\n");
  };
  return {
    start(title, cwd) {
      folder = cwd;
      channel.clear();
      channel.show(true);
      write(`${title}\n`);
    },
    write,
    line: (text) => write(`${atLineStart ? "" : "\n"}${text}\n`),
    dispose() {
      links.dispose();
      channel.dispose();
    },
  };
}

function* findLinks(document: vscode.TextDocument, folder: string): Generator<vscode.DocumentLink> {
  for (const match of document.getText().matchAll(place)) {
    const [whole, path = "", line, column] = match;
    const start = document.positionAt(match.index);
    const file = path.startsWith("file:")
      ? vscode.Uri.parse(path)
      : vscode.Uri.file(isAbsolute(path) ? path : join(folder, path));
    const link = new vscode.DocumentLink(
      new vscode.Range(start, document.positionAt(match.index + whole.length)),
      file.with({ fragment: `L${line},${column}` }),
    );
    link.tooltip = "Go to this place";
    yield link;
  }
}
