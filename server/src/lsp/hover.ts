/** Hovers: the mental model of a name of the thread API, and of what a finding is about. */
import { type Hover, MarkupKind } from "vscode-languageserver";
import type { Diagnostic, Span } from "../analysis/diagnostic.js";
import { builtInModels } from "../analysis/models/all.js";
import type { SymbolKey } from "../analysis/program/program.js";
import type { Concept } from "../concepts/concept.js";
import type { Concepts } from "../concepts/load.js";
import { hoverMarkdown } from "../concepts/render.js";
import type { IdentifierAnswer } from "../typescript/identifier-at.js";
import type { ToRange } from "./convert.js";
import type { Pages } from "./pages.js";
import type { InitializationOptions } from "./protocol.js";

export interface HoverContext {
  readonly file: string;
  /** The findings at the place. */
  readonly findings: readonly Diagnostic[];
  /** Whether the hover repeats what the findings say. */
  readonly findingsInHover: NonNullable<InitializationOptions["findingsInHover"]>;
  /** What the name at the place refers to. */
  readonly name: IdentifierAnswer | undefined;
  readonly pages: Pages;
  readonly toRange: ToRange;
}

export async function hover({
  file,
  findings,
  findingsInHover,
  name,
  pages,
  toRange,
}: HoverContext): Promise<Hover | null> {
  const concepts = await pages.concepts();
  const explained = name === undefined ? undefined : conceptOf(name.symbol, concepts);
  const parts: string[] = [];
  const said = new Set<Concept>();
  for (const finding of findings) {
    if (findingsInHover === "full") parts.push(findingMarkdown(finding, pages));
    for (const concept of concepts.conceptsForRule(finding.rule).slice(0, 1)) {
      if (said.has(concept)) continue;
      said.add(concept);
      parts.push(hoverMarkdown(concept, pages.conceptUrl));
    }
  }
  if (explained !== undefined && !said.has(explained)) parts.push(hoverMarkdown(explained, pages.conceptUrl));
  if (parts.length === 0) return null;
  const span: Span | undefined = findings[0]?.location ?? name?.span;
  return {
    contents: { kind: MarkupKind.Markdown, value: parts.join("\n\n---\n\n") },
    ...(span === undefined ? {} : { range: toRange({ file, ...span }) }),
  };
}

/** The page that explains a declaration of a modelled library. */
function conceptOf(symbol: SymbolKey, concepts: Concepts): Concept | undefined {
  if (symbol.package === undefined || !builtInModels.packages.has(symbol.package)) return undefined;
  if (symbol.name !== "*") return concepts.conceptFor(symbol.name);
  // A namespace such as `thread` is a module, which is named as its file or the folder it is in.
  const [base = "", folder = ""] = symbol.file.split("/").reverse();
  return concepts.conceptFor(base.replace(/(?:\.d)?\.[cm]?ts$/, "")) ?? concepts.conceptFor(folder);
}

function findingMarkdown(finding: Diagnostic, pages: Pages): string {
  const notes = finding.notes.map((note) => `- ${note}`).join("\n");
  const help = finding.help.map((text) => `- **help:** ${text}`).join("\n");
  const link = `[All about \`${finding.rule}\`](${pages.ruleUrl(finding.rule)})`;
  return [`**${finding.rule}**: ${finding.message}`, notes, help, link].filter((part) => part !== "").join("\n\n");
}
