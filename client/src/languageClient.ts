/** The connection to the language server, which runs in a process of its own. */
import * as vscode from "vscode";
import {
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
  };
  // The id names the settings section, where the client finds `trace.server`.
  return new LanguageClient("fearlessThreads", "Fearless Threads", server, options);
}

/** Starts the server anew, whatever has become of the one before. */
export async function restart(client: LanguageClient): Promise<void> {
  // One that died at its start is not there to be stopped, and the client refuses to.
  if (client.state === State.StartFailed) await client.start();
  else await client.restart();
}
