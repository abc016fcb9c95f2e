/** The open documents, by URI and by the path that the analysis names them by. */
import { TextDocuments } from "vscode-languageserver";
import { TextDocument } from "vscode-languageserver-textdocument";
import { readSource } from "../source-text.js";
import type { Places } from "./convert.js";
import { pathOf, uriOf } from "./uris.js";

export interface Documents {
  readonly open: TextDocuments<TextDocument>;
  /** Undefined for a document that is no TypeScript or JavaScript. */
  file(document: TextDocument): string | undefined;
  /** The open document of a file. */
  byFile(file: string): TextDocument | undefined;
  closed(uri: string): void;
  readonly places: Places;
}

/** @param folder Where documents that were never saved are taken to be. */
export function createDocuments(folder: () => string): Documents {
  const open = new TextDocuments(TextDocument);
  const fileByUri = new Map<string, string | undefined>();
  const uriByFile = new Map<string, string>();

  function file(document: TextDocument): string | undefined {
    const { uri } = document;
    if (!fileByUri.has(uri)) {
      const path = pathOf(document, folder());
      fileByUri.set(uri, path);
      if (path !== undefined) uriByFile.set(path, uri);
    }
    return fileByUri.get(uri);
  }

  const byFile = (path: string): TextDocument | undefined => {
    const uri = uriByFile.get(path);
    return uri === undefined ? undefined : open.get(uri);
  };

  return {
    open,
    file,
    byFile,
    closed(uri) {
      const path = fileByUri.get(uri);
      fileByUri.delete(uri);
      if (path !== undefined && uriByFile.get(path) === uri) uriByFile.delete(path);
    },
    places: {
      uri: (path) => uriByFile.get(path) ?? uriOf(path),
      text: (path) => byFile(path)?.getText() ?? readText(path),
    },
  };
}

function readText(path: string): string | undefined {
  try {
    return readSource(path).text;
  } catch {
    return undefined;
  }
}
