/** The server's wiring: which message leads to which question. Conversion and scheduling only. */
import {
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type DocumentDiagnosticReport,
  DocumentDiagnosticReportKind,
  FileChangeType,
  type InitializeParams,
  LSPErrorCodes,
  MessageType,
  ResponseError,
  ShowMessageNotification,
} from "vscode-languageserver";
import { type Checker, createChecker } from "../checker/checker.js";
import { configFileName } from "../config/file-name.js";
import { renderText } from "../render/text.js";
import { CompilerUnavailable } from "../typescript/compiler/unavailable.js";
import { version } from "../version.js";
import { codeActions } from "./actions.js";
import { type ClientSupport, clientSupport, initializeResult } from "./capabilities.js";
import { type Conversion, markLength, ranges, toLsp } from "./convert.js";
import { createDocuments, type Documents } from "./documents.js";
import { hover } from "./hover.js";
import { createPages, type Pages } from "./pages.js";
import {
  type InitializationOptions,
  type PageParams,
  pageRequest,
  type RenderParams,
  type RenderResult,
  renderRequest,
  settingsSection,
  statusNotification,
} from "./protocol.js";
import { createResults, type Result, type Results } from "./results.js";
import { createSettings, type SettingsStore } from "./settings.js";
import { createStatus, type Status } from "./status.js";
import { fileOf } from "./uris.js";

/** Milliseconds of quiet before findings are pushed: keystrokes that come together are one check. */
const pushDelay = 15;
/** Milliseconds of quiet before other open files are looked at again. */
const othersDelay = 250;
/** Milliseconds until a compiler that could not be had is tried again. */
const retryDelay = 1000;

/** Everything one connection needs, made when the client has said what it can do. */
interface Server {
  readonly connection: Connection;
  readonly support: ClientSupport;
  readonly checker: Checker;
  readonly documents: Documents;
  readonly results: Results;
  readonly settings: SettingsStore;
  readonly pages: Pages;
  readonly status: Status;
  readonly conversion: Conversion;
  readonly findingsInHover: NonNullable<InitializationOptions["findingsInHover"]>;
}

/** Answers one client for the life of its connection. */
export function serve(connection: Connection): void {
  let server: Server | undefined;
  let folders: readonly string[] = [];
  const documents = createDocuments(() => folders[0] ?? process.cwd());

  connection.onInitialize((params) => {
    folders = workspaceFolders(params);
    server = createServer(connection, documents, params, folders[0] ?? process.cwd());
    listen(server);
    return initializeResult(server.support, version());
  });
  connection.onInitialized(() => {
    if (server !== undefined) register(server);
    if (server?.support.workspaceFolders) {
      connection.workspace.onDidChangeWorkspaceFolders(({ added, removed }) => {
        const gone = new Set(removed.map(({ uri }) => fileOf(uri)));
        folders = [...folders.filter((folder) => !gone.has(folder)), ...added.map(({ uri }) => fileOf(uri))];
        if (server !== undefined) reconsider(server);
      });
    }
  });
  connection.onShutdown(() => server?.checker.dispose());
  documents.open.listen(connection);
}

function workspaceFolders(params: InitializeParams): readonly string[] {
  const uris = params.workspaceFolders?.map(({ uri }) => uri) ?? (params.rootUri ? [params.rootUri] : []);
  return uris.filter((uri) => uri.startsWith("file:")).map(fileOf);
}

function createServer(connection: Connection, documents: Documents, params: InitializeParams, cwd: string): Server {
  const support = clientSupport(params.capabilities);
  const options = (params.initializationOptions ?? {}) as InitializationOptions;
  const pages = createPages(options.pageBase);
  const checker = createChecker({
    cwd,
    log: (message) => connection.console.log(message),
    onState: (state) => status.checker(state),
  });
  const settings = createSettings({
    pull: support.pullSettings
      ? (scopeUri) => connection.workspace.getConfiguration({ scopeUri, section: settingsSection })
      : undefined,
    warn: (message) => connection.console.warn(message),
  });
  const said = new Set<string>();
  const once = (text: string, say: (text: string) => void): void => {
    if (!said.has(text)) say(text);
    said.add(text);
  };
  const results: Results = createResults({
    checker,
    document: (uri) => {
      const document = documents.open.get(uri);
      const file = document && documents.file(document);
      return document && file !== undefined ? { file, version: document.version, text: document.getText() } : undefined;
    },
    settings,
    onReport: ({ file, failures, omission }) => {
      if (omission !== undefined) {
        once(`${file} is left out. ${omission}`, (text) => {
          connection.console.info(text);
          // No findings would look as if all were well.
          const message = { type: MessageType.Info, message: `Fearless Threads: ${text}` };
          void connection.sendNotification(ShowMessageNotification.method, message);
        });
      }
      for (const { rule, error } of failures) {
        once(`The rule ${rule} failed; the others go on. Please report it: ${error.message}`, (text) =>
          connection.console.error(`${text}\n${error.stack ?? ""}`),
        );
      }
    },
  });
  const status = createStatus(results.all, (sent) => void connection.sendNotification(statusNotification, sent));
  const conversion = { places: documents.places, ruleUrl: pages.ruleUrl, supports: support };
  const { findingsInHover = "full" } = options;
  return { connection, support, checker, documents, results, settings, pages, status, conversion, findingsInHover };
}

/** Asks the client to tell of settings and files; clients that cannot are told nothing and tell nothing. */
function register({ connection, support }: Server): void {
  if (support.watchSettings) {
    void connection.client.register(DidChangeConfigurationNotification.type, { section: settingsSection });
  }
  if (support.watchFiles) {
    void connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [
        { globPattern: "**/*.{ts,tsx,mts,cts,js,jsx,mjs,cjs}" },
        { globPattern: "**/{package,tsconfig,jsconfig,tsconfig.*}.json" },
        { globPattern: `**/${configFileName}` },
      ],
    });
  }
}

function listen(server: Server): void {
  const { connection, checker, documents, results, settings, pages } = server;
  const pushes = new Map<string, NodeJS.Timeout>();
  const others = debounced(othersDelay, () => refresh(server));

  const schedulePush = (uri: string): void => {
    if (server.support.pullDiagnostics) return;
    clearTimeout(pushes.get(uri));
    pushes.set(
      uri,
      setTimeout(() => {
        pushes.delete(uri);
        void push(server, uri);
      }, pushDelay),
    );
  };

  documents.open.onDidChangeContent(({ document }) => {
    const file = documents.file(document);
    if (file === undefined) return;
    checker.edit(file, document.getText());
    schedulePush(document.uri);
    if (documents.open.keys().length > 1) {
      results.invalidate();
      others();
    }
  });
  documents.open.onDidClose(({ document }) => {
    const file = documents.file(document);
    documents.closed(document.uri);
    results.forget(document.uri);
    clearTimeout(pushes.get(document.uri));
    pushes.delete(document.uri);
    if (file === undefined) return;
    checker.close(file);
    // What was not saved is gone, and others may have been checked with it.
    if (documents.open.keys().length > 0) {
      results.invalidate();
      others();
    }
    server.status.update();
    if (!server.support.pullDiagnostics) {
      void connection.sendDiagnostics({ uri: document.uri, diagnostics: [] });
    }
  });
  connection.onDidChangeConfiguration(({ settings: sent }) => {
    settings.changed(sent);
    reconsider(server);
  });
  connection.onDidChangeWatchedFiles(({ changes }) => {
    if (changes.some(({ uri }) => uri.endsWith(`/${configFileName}`))) settings.configFilesChanged();
    const of = (type: FileChangeType): string[] =>
      changes.filter((change) => change.type === type).map(({ uri }) => fileOf(uri));
    checker.diskChanged({
      created: of(FileChangeType.Created),
      changed: of(FileChangeType.Changed),
      deleted: of(FileChangeType.Deleted),
    });
    reconsider(server);
  });
  answerQuestions(server);
  connection.onRequest(renderRequest, ({ uri }: RenderParams) => guarded(server, () => render(server, uri)));
  connection.onRequest(pageRequest, (params: PageParams) => pages.read(params));
}

function answerQuestions(server: Server): void {
  const { connection, checker, documents, results, pages } = server;
  connection.languages.diagnostics.on(async ({ textDocument, previousResultId }, token) => {
    const result = await guarded(server, () => results.latest(textDocument.uri));
    if (token.isCancellationRequested) throw new ResponseError(LSPErrorCodes.RequestCancelled, "superseded");
    return diagnosticReport(server, result, previousResultId);
  });
  connection.onCodeAction(async (params) => {
    const result = await guarded(server, () => results.latest(params.textDocument.uri));
    if (result === undefined) return [];
    return codeActions({
      params,
      result,
      toRange: ranges(documents.places),
      supports: server.support,
      document: (file) => ({
        uri: documents.places.uri(file),
        version: documents.byFile(file)?.version ?? null,
      }),
    });
  });
  connection.onHover(async ({ textDocument, position }) => {
    const document = documents.open.get(textDocument.uri);
    const file = document && documents.file(document);
    if (document === undefined || file === undefined) return null;
    const offset = document.offsetAt(position) - markLength(document.getText());
    const result = await guarded(server, () => results.latest(textDocument.uri));
    if (result === undefined || !result.report.checked) return null;
    const findings = result.report.diagnostics.filter(
      ({ location }) => location.start <= offset && offset <= location.end,
    );
    const name = await guarded(server, () => checker.symbolAt(file, offset));
    const { findingsInHover } = server;
    return hover({ file, findings, findingsInHover, name, pages, toRange: ranges(documents.places) });
  });
}

function diagnosticReport(
  server: Server,
  result: Result | undefined,
  previous: string | undefined,
): DocumentDiagnosticReport {
  server.status.update();
  if (result === undefined) return { kind: DocumentDiagnosticReportKind.Full, items: [] };
  if (result.id === previous) return { kind: DocumentDiagnosticReportKind.Unchanged, resultId: result.id };
  return { kind: DocumentDiagnosticReportKind.Full, resultId: result.id, items: items(server, result) };
}

function items({ conversion }: Server, result: Result): ReturnType<typeof toLsp>[] {
  const toRange = ranges(conversion.places);
  return result.report.diagnostics.map((diagnostic) => toLsp(diagnostic, toRange, conversion));
}

/** Sends findings to a client that does not ask for them. What is on screen stays where the compiler cannot answer. */
async function push(server: Server, uri: string): Promise<void> {
  const before = server.results.last(uri);
  try {
    const result = await server.results.latest(uri);
    if (result === undefined) return;
    server.status.update();
    // Positions may have moved though the findings are the same, so only nothing-again is not worth sending.
    if (before?.id === result.id && result.id === "none" && before.version < result.version) return;
    await server.connection.sendDiagnostics({ uri, version: result.version, diagnostics: items(server, result) });
  } catch (error) {
    if (!(error instanceof CompilerUnavailable)) throw error;
    retryLater(server, error);
  }
}

/** An answer that cannot be had leaves what is on screen, and the client is asked to ask again. */
async function guarded<T>(server: Server, question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (error) {
    if (!(error instanceof CompilerUnavailable)) throw error;
    retryLater(server, error);
    throw new ResponseError(LSPErrorCodes.ServerCancelled, error.message, { retriggerRequest: false });
  }
}

function retryLater(server: Server, error: CompilerUnavailable): void {
  if (error.reason === "closed") return;
  server.connection.console.error(error.message);
  if (error.reason === "not-found") return;
  setTimeout(() => reconsider(server), retryDelay).unref();
}

/** Something outside of the open documents changed. */
function reconsider(server: Server): void {
  server.results.invalidate();
  refresh(server);
}

/** Gets the findings of all open documents to the client again. */
function refresh(server: Server): void {
  const { support, documents, connection } = server;
  if (support.pullDiagnostics) {
    if (support.refresh) connection.languages.diagnostics.refresh().catch(() => {});
    return;
  }
  for (const uri of documents.open.keys()) void push(server, uri);
}

async function render(server: Server, uri: string): Promise<RenderResult> {
  const result = await server.results.latest(uri);
  if (result === undefined) return { text: "Nothing to show: the file is not open.\n", version: 0, findings: 0 };
  const { diagnostics, checked } = result.report;
  const options = { cwd: process.cwd(), text: server.documents.places.text, colors: false };
  const parts = diagnostics.map((diagnostic) => renderText(diagnostic, options));
  const none = checked ? "No thread problems in this file." : "This file does not use threads.";
  return {
    text: `${parts.length === 0 ? none : parts.join("\n\n")}\n`,
    version: result.version,
    findings: parts.length,
  };
}

function debounced(delay: number, action: () => void): () => void {
  let timer: NodeJS.Timeout | undefined;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(action, delay);
  };
}
