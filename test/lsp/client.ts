/** A real language client over standard input and output, as an editor is one. */
import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath, pathToFileURL } from "node:url";
import {
  type ClientCapabilities,
  type CodeAction,
  createProtocolConnection,
  type Diagnostic,
  type DocumentDiagnosticReport,
  type Hover,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  type Range,
  StreamMessageReader,
  StreamMessageWriter,
} from "vscode-languageserver-protocol/node";
import { TextDocument } from "vscode-languageserver-textdocument";
import type { StatusParams } from "../../server/src/lsp/protocol.js";

/** The built command; another build of it can be named while working on one. */
const bin =
  process.env.FEARLESS_THREADS_BIN ?? fileURLToPath(new URL("../../server/bin/fearless-threads.js", import.meta.url));

export interface ClientOptions {
  readonly folders: readonly string[];
  /** Default: pull. */
  readonly mode?: "pull" | "push";
  /** Answers `workspace/configuration`; without it the client cannot be asked. */
  readonly settings?: () => unknown;
  readonly capabilities?: ClientCapabilities;
  readonly initializationOptions?: object;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Client {
  readonly connection: ProtocolConnection;
  readonly process: ChildProcess;
  readonly serverCapabilities: Readonly<Record<string, unknown>>;
  /** Everything that was pushed, in order. */
  readonly pushed: readonly PublishDiagnosticsParams[];
  readonly statuses: readonly StatusParams[];
  readonly log: readonly string[];
  /** How often the server asked the client to pull again. */
  refreshes(): number;
  open(uri: string, text: string, languageId?: string): void;
  /** Replaces the range, or the whole text where there is none, as one incremental change. */
  change(uri: string, newText: string, range?: Range): void;
  close(uri: string): void;
  text(uri: string): string;
  version(uri: string): number;
  pull(uri: string, previousResultId?: string): Promise<DocumentDiagnosticReport>;
  /** Pulls, and returns the findings. */
  diagnostics(uri: string): Promise<readonly Diagnostic[]>;
  /** Resolves with the first push about this document, from now on or before, that the test holds for. */
  pushedWhere(uri: string, test: (params: PublishDiagnosticsParams) => boolean): Promise<PublishDiagnosticsParams>;
  actions(uri: string, range: Range, only?: readonly string[]): Promise<readonly CodeAction[]>;
  hover(uri: string, offset: number): Promise<string>;
  /** Applies an action's edits to the open documents, as the editor would, version check included. */
  apply(action: CodeAction): void;
  until(what: string, test: () => boolean): Promise<void>;
  stop(): Promise<number | null>;
}

export function uriOf(path: string): string {
  return pathToFileURL(path).href;
}

export async function startClient(options: ClientOptions): Promise<Client> {
  const child = spawn(process.execPath, [bin, "lsp", "--stdio"], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { ...process.env, ...options.env },
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  const pushed: PublishDiagnosticsParams[] = [];
  const statuses: StatusParams[] = [];
  const log: string[] = [];
  const documents = new Map<string, TextDocument>();
  let refreshes = 0;
  const listeners = new Set<() => void>();
  const changed = (): void => {
    for (const listener of [...listeners]) listener();
  };
  child.stderr.on("data", (chunk) => log.push(String(chunk)));
  connection.onNotification("textDocument/publishDiagnostics", (params: PublishDiagnosticsParams) => {
    pushed.push(params);
    changed();
  });
  connection.onNotification("fearlessThreads/status", (params: StatusParams) => {
    statuses.push(params);
    changed();
  });
  connection.onNotification("window/logMessage", ({ message }: { message: string }) => {
    log.push(message);
    changed();
  });
  connection.onRequest("workspace/diagnostic/refresh", () => {
    refreshes++;
    changed();
    return null;
  });
  connection.onRequest("client/registerCapability", () => null);
  connection.onRequest("workspace/configuration", ({ items }: { items: readonly unknown[] }) =>
    items.map(() => options.settings?.() ?? null),
  );
  connection.listen();

  const waitFor = <T>(what: string, probe: () => T | undefined): Promise<T> =>
    new Promise((resolve, reject) => {
      const check = (): void => {
        const found = probe();
        if (found === undefined) return;
        clearTimeout(timer);
        listeners.delete(check);
        resolve(found);
      };
      const timer = setTimeout(() => {
        listeners.delete(check);
        reject(new Error(`waited in vain for ${what}; log:\n${log.join("\n")}`));
      }, 50_000);
      listeners.add(check);
      check();
    });

  const died = new Promise<never>((_, reject) => {
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}:\n${log.join("\n")}`)));
  });
  const initialize = connection.sendRequest("initialize", {
    processId: process.pid,
    rootUri: null,
    workspaceFolders: options.folders.map((path) => ({ uri: uriOf(path), name: path })),
    capabilities: capabilitiesOf(options),
    initializationOptions: options.initializationOptions,
  });
  died.catch(() => {});
  const initialized = (await Promise.race([initialize, died])) as {
    readonly capabilities: Readonly<Record<string, unknown>>;
  };
  await connection.sendNotification("initialized", {});

  const document = (uri: string): TextDocument => {
    const found = documents.get(uri);
    if (found === undefined) throw new Error(`${uri} is not open`);
    return found;
  };

  const client: Client = {
    connection,
    process: child,
    serverCapabilities: initialized.capabilities,
    pushed,
    statuses,
    log,
    refreshes: () => refreshes,
    open(uri, text, languageId = "typescript") {
      documents.set(uri, TextDocument.create(uri, languageId, 1, text));
      void connection.sendNotification("textDocument/didOpen", { textDocument: { uri, languageId, version: 1, text } });
    },
    change(uri, newText, range) {
      const before = document(uri);
      const change = range === undefined ? { text: newText } : { range, text: newText };
      const after = TextDocument.update(before, [change], before.version + 1);
      documents.set(uri, after);
      void connection.sendNotification("textDocument/didChange", {
        textDocument: { uri, version: after.version },
        contentChanges: [change],
      });
    },
    close(uri) {
      documents.delete(uri);
      void connection.sendNotification("textDocument/didClose", { textDocument: { uri } });
    },
    text: (uri) => document(uri).getText(),
    version: (uri) => document(uri).version,
    pull: (uri, previousResultId) =>
      connection.sendRequest("textDocument/diagnostic", { textDocument: { uri }, previousResultId }),
    async diagnostics(uri) {
      const report = await client.pull(uri);
      if (report.kind !== "full") throw new Error("expected a full report");
      return report.items;
    },
    pushedWhere: (uri, test) =>
      waitFor(`a push about ${uri}`, () => pushed.find((params) => params.uri === uri && test(params))),
    async actions(uri, range, only) {
      const context = { diagnostics: [], ...(only === undefined ? {} : { only }) };
      return (await connection.sendRequest("textDocument/codeAction", {
        textDocument: { uri },
        range,
        context,
      })) as CodeAction[];
    },
    async hover(uri, offset) {
      const position = document(uri).positionAt(offset);
      const found = (await connection.sendRequest("textDocument/hover", {
        textDocument: { uri },
        position,
      })) as Hover | null;
      if (found === null) return "";
      return typeof found.contents === "object" && "value" in found.contents ? found.contents.value : "";
    },
    apply(action) {
      for (const change of action.edit?.documentChanges ?? []) {
        if (!("textDocument" in change)) throw new Error("only text edits are expected");
        const { uri, version } = change.textDocument;
        if (version !== document(uri).version) throw new Error(`the edit is for version ${version}`);
        const edits = change.edits.map((edit) => {
          if ("newText" in edit) return edit;
          return { range: edit.range, newText: edit.snippet.value.replace(/\$\{1:([^}]*)\}/, "$1") };
        });
        client.change(uri, TextDocument.applyEdits(document(uri), edits));
      }
    },
    until: (what, test) => waitFor(what, () => (test() ? true : undefined)).then(() => {}),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
      await connection.sendRequest("shutdown");
      await connection.sendNotification("exit");
      const code = await ended;
      connection.dispose();
      return code;
    },
  };
  return client;
}

function capabilitiesOf(options: ClientOptions): ClientCapabilities {
  const pull = (options.mode ?? "pull") === "pull";
  return {
    workspace: {
      workspaceFolders: true,
      configuration: options.settings !== undefined,
      didChangeConfiguration: { dynamicRegistration: true },
      didChangeWatchedFiles: { dynamicRegistration: true },
      workspaceEdit: { documentChanges: true },
      ...(pull ? { diagnostics: { refreshSupport: true } } : {}),
      ...options.capabilities?.workspace,
    },
    textDocument: {
      publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true },
      ...(pull
        ? { diagnostic: { relatedDocumentSupport: false, relatedInformation: true, codeDescriptionSupport: true } }
        : {}),
      ...options.capabilities?.textDocument,
    },
  };
}

/** The range of the n-th occurrence of a string. */
export function rangeOfText(text: string, part: string, occurrence = 0): Range {
  let at = -1;
  for (let count = 0; count <= occurrence; count++) at = text.indexOf(part, at + 1);
  if (at < 0) throw new Error(`\`${part}\` is not in the text`);
  const document = TextDocument.create("", "", 0, text);
  return { start: document.positionAt(at), end: document.positionAt(at + part.length) };
}
