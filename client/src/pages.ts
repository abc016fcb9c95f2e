/** Pages of the rules and concepts, and findings as the terminal shows them, as documents that can be opened. */
import * as vscode from "vscode";
import type { BaseLanguageClient } from "vscode-languageclient/node";
import {
  type PageParams,
  type PageResult,
  pageRequest,
  type RenderParams,
  type RenderResult,
  renderRequest,
} from "../../server/src/lsp/protocol.js";

const pageScheme = "fearless-threads";
const renderedScheme = "fearless-threads-rendered";

/** What the server puts before the path of each page it links to. */
export const pageBase = `${pageScheme}:/`;

/** @example `pageUri("rule", "unjoined-handle")` */
function pageUri(kind: PageParams["kind"], name: string): vscode.Uri {
  return vscode.Uri.from({ scheme: pageScheme, path: `/${kind}s/${name}.md` });
}

/** Opens a page by its URI. Not in the palette: it is what links in hovers lead to. */
const openPageCommand = "fearlessThreads.openPage";

/** VS Code drops links of schemes that it does not know from hovers, so links to pages become a command that it may run. */
export function linkPages(hover: vscode.Hover): vscode.Hover {
  const contents = hover.contents.map((part) => {
    const text = part instanceof vscode.MarkdownString ? part.value : "";
    if (!text.includes(`](${pageBase}`)) return part;
    const linked = text.replace(/\]\((fearless-threads:\/[^)\s]+)\)/g, (_, uri: string) => {
      return `](command:${openPageCommand}?${encodeURIComponent(JSON.stringify([uri]))})`;
    });
    const markdown = new vscode.MarkdownString(linked);
    markdown.isTrusted = { enabledCommands: [openPageCommand] };
    return markdown;
  });
  return hover.range === undefined ? new vscode.Hover(contents) : new vscode.Hover(contents, hover.range);
}

/** @returns undefined for a path that no page has. */
function pageOf({ path }: vscode.Uri): PageParams | undefined {
  const match = /^\/(rule|concept)s\/([\w-]+)\.md$/.exec(path);
  if (match === null) return undefined;
  return { kind: match[1] === "rule" ? "rule" : "concept", name: match[2] ?? "" };
}

/** The rendering of a document: the file's name, with the document it is made from in the query. */
function renderedUri(document: vscode.Uri): vscode.Uri {
  const name = document.path.split("/").at(-1) ?? "untitled";
  return vscode.Uri.from({ scheme: renderedScheme, path: `/${name}.txt`, query: document.toString() });
}

export function registerPages(client: BaseLanguageClient): vscode.Disposable {
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const rendered = createRendered(client, changed);
  return vscode.Disposable.from(
    changed,
    vscode.commands.registerCommand(openPageCommand, async (uri: string) => {
      const page = pageOf(vscode.Uri.parse(uri));
      if (page !== undefined) await showPage(page.kind, page.name);
    }),
    vscode.workspace.registerTextDocumentContentProvider(pageScheme, {
      async provideTextDocumentContent(uri) {
        const page = pageOf(uri);
        const result = page && (await client.sendRequest<PageResult | null>(pageRequest, page));
        if (!result) throw new Error(`Fearless Threads has no page ${uri.path}`);
        // A preview follows relative links only.
        return result.markdown.replaceAll(`](${pageBase}`, "](../");
      },
    }),
    vscode.workspace.registerTextDocumentContentProvider(renderedScheme, rendered.provider),
    rendered.watching,
  );
}

function createRendered(client: BaseLanguageClient, changed: vscode.EventEmitter<vscode.Uri>) {
  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const params: RenderParams = { uri: client.code2ProtocolConverter.asUri(vscode.Uri.parse(uri.query)) };
      return (await client.sendRequest<RenderResult>(renderRequest, params)).text;
    },
  };
  // What is shown follows what is typed, as long as it is shown.
  const watching = vscode.workspace.onDidChangeTextDocument(({ document }) => {
    const uri = renderedUri(document.uri).toString();
    const shown = vscode.workspace.textDocuments.find((open) => open.uri.toString() === uri);
    if (shown !== undefined) changed.fire(shown.uri);
  });
  return { provider, watching };
}

/** How many findings a document has, once it was checked. */
export async function countFindings(client: BaseLanguageClient, document: vscode.TextDocument): Promise<number> {
  const params: RenderParams = { uri: client.code2ProtocolConverter.asUri(document.uri) };
  return (await client.sendRequest<RenderResult>(renderRequest, params)).findings;
}

/** Opens a page as it reads, and not as its Markdown. */
export async function showPage(kind: PageParams["kind"], name: string): Promise<void> {
  await vscode.commands.executeCommand("markdown.showPreview", pageUri(kind, name));
}

/** Opens a document's findings beside it. */
export async function showRendered(document: vscode.TextDocument): Promise<vscode.TextDocument> {
  const opened = await vscode.workspace.openTextDocument(renderedUri(document.uri));
  await vscode.window.showTextDocument(opened, {
    viewColumn: vscode.ViewColumn.Beside,
    preserveFocus: true,
    preview: true,
  });
  return opened;
}
