/** Between the URIs of documents and the paths that the analysis names files by. */
import { posix } from "node:path";
import { URI } from "vscode-uri";
import { toSlashes } from "../render/paths.js";

const extensions: Readonly<Record<string, string>> = {
  typescript: ".ts",
  typescriptreact: ".tsx",
  javascript: ".js",
  javascriptreact: ".jsx",
};

const source = /\.(?:[cm]?[jt]s|[jt]sx)$/;

export interface OpenDocument {
  readonly uri: string;
  readonly languageId: string;
}

/**
 * The path of a document; undefined for one that is no TypeScript or JavaScript.
 *
 * A document that was never saved gets a path in `folder` that no file has, so that its imports are found as if it
 * were saved there.
 */
export function pathOf({ uri, languageId }: OpenDocument, folder: string): string | undefined {
  const parsed = URI.parse(uri);
  if (parsed.scheme === "file") {
    const path = toSlashes(parsed.fsPath);
    return source.test(path) ? path : undefined;
  }
  // Other schemes show what is not being edited: the left side of a diff, a file of a package.
  if (parsed.scheme !== "untitled") return undefined;
  if (parsed.path.startsWith("/") && source.test(parsed.path)) return toSlashes(parsed.fsPath);
  const extension = extensions[languageId];
  if (extension === undefined) return undefined;
  const name = parsed.path.replaceAll(/[^\w-]+/g, "-").replace(/^-+/, "");
  return posix.join(folder, `untitled-${name}.unsaved${extension}`);
}

export function uriOf(path: string): string {
  return URI.file(path).toString();
}

/** The path of a `file:` URI. */
export function fileOf(uri: string): string {
  return toSlashes(URI.parse(uri).fsPath);
}
