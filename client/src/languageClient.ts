/** The connection to the language server, which runs in a process of its own. */
import * as vscode from "vscode";
import {
  CloseAction,
  type CloseHandlerResult,
  ErrorAction,
  type ErrorHandler,
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  TransportKind,
} from "vscode-languageclient/node";
import type { InitializationOptions } from "../../server/src/lsp/protocol.js";
import { selector } from "./languages.js";
import { linkPages, pageBase } from "./pages.js";

export interface Channels {
  /** What the server logs. */
  readonly output: vscode.LogOutputChannel;
  /** What the two sides say to each other, when `fearlessThreads.trace.server` asks for it. */
  readonly trace: vscode.LogOutputChannel;
}

export function createChannels(): Channels {
  return {
    output: vscode.window.createOutputChannel("Fearless Threads", { log: true }),
    trace: vscode.window.createOutputChannel("Fearless Threads (trace)", { log: true }),
  };
}

export function createLanguageClient(context: vscode.ExtensionContext, channels: Channels): LanguageClient {
  const module = vscode.Uri.joinPath(context.extensionUri, "server", "dist", "server.js").fsPath;
  const server: ServerOptions = {
    run: { module, transport: TransportKind.ipc },
    debug: { module, transport: TransportKind.ipc, options: { execArgv: ["--nolazy", "--inspect=6019"] } },
  };
  const initializationOptions: InitializationOptions = { pageBase, findingsInHover: "none" };
  const options: LanguageClientOptions = {
    documentSelector: selector,
    initializationOptions,
    outputChannel: channels.output,
    traceOutputChannel: channels.trace,
    middleware: {
      provideHover: async (document, position, token, next) => {
        const hover = await next(document, position, token);
        return hover && linkPages(hover);
      },
    },
    // Looks at the file that is left, too: what was done there may concern this one.
    diagnosticPullOptions: { onChange: true, onFocus: true },
    errorHandler: {
      // Words that do not reach a server which has just died are followed by its end, and that decides what to do.
      error: () => ({ action: ErrorAction.Continue }),
      closed: async () => {
        closing = true;
        const result = await whenClosed(client, usual, hasRun, channels.output);
        closing = false;
        return result;
      },
    },
    // Else the client would show the bare error.
    initializationFailedHandler: () => false,
  };
  // The id names the settings section, where the client finds `trace.server`.
  const client = new LoggingClient("fearlessThreads", "Fearless Threads", server, options);
  const usual = client.createDefaultErrorHandler();
  let hasRun = false;
  /** While a connection's end is dealt with, which tells itself what is to be told. */
  let closing = false;
  client.onDidChangeState(({ newState }) => {
    if (newState === State.Running) hasRun = true;
    if (newState === State.StartFailed && !closing) void tell(channels.output, notStarted);
  });
  return client;
}

/**
 * Only logs what the client would show whatever its settings: for one server that dies, several messages in the words of
 * the protocol. What the user is to know is said once, by `tell`.
 */
class LoggingClient extends LanguageClient {
  override error(message: string, data?: unknown, showNotification?: boolean | "force"): void {
    super.error(message, data, showNotification === "force" ? false : showNotification);
  }
}

const notStarted = "The Fearless Threads server does not start. Its log says why.";

/** Where a server has run, another one is started, a few times. Where none has, the next would only die, too. */
async function whenClosed(
  client: LanguageClient,
  usual: ErrorHandler,
  hasRun: boolean,
  output: vscode.LogOutputChannel,
): Promise<CloseHandlerResult> {
  // A start that this is the end of fails first: it would take the next one along.
  if (client.state === State.Starting) await client.start().catch(() => {});
  if (!hasRun) {
    void tell(output, notStarted);
    return { action: CloseAction.DoNotRestart, handled: true };
  }
  const result = await usual.closed();
  if (result.action === CloseAction.DoNotRestart)
    void tell(output, "The Fearless Threads server died too often, and will not be restarted.");
  return { ...result, handled: true };
}

/** Says what has become of the server, and offers what can be done about it. */
export async function tell(output: vscode.LogOutputChannel, what: string): Promise<void> {
  const chosen = await vscode.window.showErrorMessage(what, "Open Log", "Restart the Server");
  if (chosen === "Open Log") output.show();
  if (chosen === "Restart the Server") await vscode.commands.executeCommand("fearlessThreads.restartServer");
}

/** Starts the server, and waits for nothing: commands and runs do without it, and a start that fails is told by the client. */
export function start(client: LanguageClient): void {
  client.start().catch(() => {});
}

/** Starts the server anew, whatever has become of the one before. */
export async function restart(client: LanguageClient): Promise<void> {
  // The client refuses to stop what is not there.
  if (client.isRunning()) await client.stop();
  start(client);
}
