/** The lines of source that a timeline leads to: they name the lock that is waited for, as its author does. */
import * as vscode from "vscode";
import { lineKey } from "./messages.js";
import type { Timeline } from "./timeline.js";

export interface Sources {
  /** The line of each place in the timeline, without its indentation, by {@link lineKey}. */
  linesOf(timeline: Timeline): Promise<Readonly<Record<string, string>>>;
}

/** Files are read once: a run's timeline is about the text that ran. */
export function createSources(uriOf: (file: string) => vscode.Uri): Sources {
  const files = new Map<string, Promise<readonly string[]>>();
  const read = async (file: string): Promise<readonly string[]> => {
    const uri = uriOf(file);
    const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
    try {
      // Not opened as a document: it would be checked as one that the user works on.
      const text = open?.getText() ?? new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
      return text.split(/\r?\n/);
    } catch {
      return [];
    }
  };
  return {
    async linesOf({ lanes }) {
      const places = lanes
        .flatMap(({ spawnedAt, panic, waits }) => [spawnedAt, panic?.at, ...waits.map(({ at }) => at)])
        .filter((place) => place !== undefined);
      const lines: Record<string, string> = {};
      for (const place of places) {
        const text = files.get(place.file) ?? read(place.file);
        files.set(place.file, text);
        lines[lineKey(place)] = (await text)[place.line - 1]?.trim() ?? "";
      }
      return lines;
    },
  };
}
