/** The concepts as one table: by name of the API, by rule, by id. */
import { readdir, readFile } from "node:fs/promises";
import { pageUrls } from "../pages.js";
import { type Concept, ConceptError, parseConcept } from "./concept.js";

export interface Concepts {
  /** In the order of their ids. */
  readonly all: readonly Concept[];
  /**
   * The concept that explains a name of the API, or undefined.
   *
   * A member that no page lists is explained by its class's page.
   *
   * @example `conceptFor("JoinHandle.join")?.id === "join"`
   */
  conceptFor(symbolName: string): Concept | undefined;
  /** The concepts behind a rule's findings, the one that matters most first; empty for a rule that no page lists. */
  conceptsForRule(rule: string): readonly Concept[];
}

/**
 * Puts pages together.
 *
 * @throws {ConceptError} where two pages explain the same name, because a hover could not choose.
 */
export function indexConcepts(all: readonly Concept[]): Concepts {
  const byName = new Map<string, Concept>();
  for (const concept of all) {
    for (const name of concept.names) {
      const other = byName.get(name);
      if (other) throw new ConceptError(concept.id, `explains \`${name}\`, and so does concepts/${other.id}.md`);
      byName.set(name, concept);
    }
  }
  return {
    all,
    conceptFor: (symbolName) => byName.get(symbolName) ?? byName.get(symbolName.split(".")[0] ?? ""),
    conceptsForRule: (rule) => [
      ...all.filter((concept) => concept.rule === rule),
      ...all.filter((concept) => concept.rules.includes(rule)),
    ],
  };
}

/** Reads the pages that lie beside the program. They do not change while it runs: read them once. */
export async function readConcepts(folder: URL = pageUrls.concepts): Promise<Concepts> {
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md")).sort();
  const pages = files.map(async (file) =>
    parseConcept(file.slice(0, -".md".length), await readFile(new URL(file, folder), "utf8")),
  );
  return indexConcepts(await Promise.all(pages));
}
