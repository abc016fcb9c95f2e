/** What the client can do, and what this server offers it. */
import {
  type ClientCapabilities,
  type InitializeResult,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from "vscode-languageserver";
import { codeActionKinds } from "./actions.js";
import { diagnosticSource } from "./convert.js";

export interface ClientSupport {
  readonly pullDiagnostics: boolean;
  readonly refresh: boolean;
  readonly related: boolean;
  readonly links: boolean;
  readonly documentChanges: boolean;
  readonly snippetEdits: boolean;
  readonly pullSettings: boolean;
  readonly watchFiles: boolean;
  readonly watchSettings: boolean;
  readonly workspaceFolders: boolean;
}

export function clientSupport({ textDocument, workspace }: ClientCapabilities): ClientSupport {
  const edit = workspace?.workspaceEdit;
  const snippets = edit as { readonly snippetEditSupport?: boolean } | undefined;
  return {
    pullDiagnostics: textDocument?.diagnostic !== undefined,
    refresh: workspace?.diagnostics?.refreshSupport === true,
    related: (textDocument?.diagnostic ?? textDocument?.publishDiagnostics)?.relatedInformation !== false,
    links: (textDocument?.diagnostic ?? textDocument?.publishDiagnostics)?.codeDescriptionSupport !== false,
    documentChanges: edit?.documentChanges === true,
    snippetEdits: edit?.documentChanges === true && snippets?.snippetEditSupport === true,
    pullSettings: workspace?.configuration === true,
    watchFiles: workspace?.didChangeWatchedFiles?.dynamicRegistration === true,
    watchSettings: workspace?.didChangeConfiguration?.dynamicRegistration === true,
    workspaceFolders: workspace?.workspaceFolders === true,
  };
}

export function initializeResult(support: ClientSupport, version: string): InitializeResult {
  const capabilities: ServerCapabilities = {
    textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: false },
    hoverProvider: true,
    codeActionProvider: { codeActionKinds: [...codeActionKinds] },
    workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
    ...(support.pullDiagnostics
      ? {
          diagnosticProvider: {
            identifier: diagnosticSource,
            interFileDependencies: true,
            workspaceDiagnostics: false,
          },
        }
      : {}),
  };
  return { capabilities, serverInfo: { name: "fearless-threads", version } };
}
