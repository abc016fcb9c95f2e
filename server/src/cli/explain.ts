/** `explain`: a rule's or a concept's page on the terminal. */
import { readConcepts } from "../concepts/load.js";
import { pageMarkdown, resolveLinks } from "../concepts/render.js";
import { describeRules } from "../config/rules.js";
import { renderMarkdown } from "../render/markdown.js";
import { styleOf } from "../render/style.js";

export interface ExplainOptions {
  /** A rule, a concept, or undefined for the list of both. */
  readonly subject: string | undefined;
  readonly colors: boolean;
}

export async function explain(options: ExplainOptions): Promise<0 | 2> {
  const rules = describeRules();
  const { all: concepts, conceptsForRule } = await readConcepts();
  const { subject } = options;
  const rule = rules.find(({ name }) => name === subject);
  if (rule !== undefined) {
    const behind = conceptsForRule(rule.name).map(({ id }) => id);
    return show(rule.page, options, behind);
  }
  const concept = concepts.find(({ id, names }) => id === subject || names.includes(subject ?? ""));
  if (concept !== undefined) return show(pageMarkdown(concept, asWritten), options);
  const style = styleOf(options);
  const width = Math.max(...rules.map(({ name }) => name.length), ...concepts.map(({ id }) => id.length)) + 2;
  const list = [
    style.headline("Rules"),
    ...rules.map(({ name, severity, summary }) => `  ${name.padEnd(width)}${severity.padEnd(9)}${summary}`),
    "",
    style.headline("Concepts"),
    ...concepts.map(({ id, title }) => `  ${id.padEnd(width)}${title}`),
  ].join("\n");
  if (subject === undefined) {
    process.stdout.write(`${list}\n\nfearless-threads explain <rule or concept> prints its page.\n`);
    return 0;
  }
  process.stderr.write(`fearless-threads: there is no rule or concept \`${subject}\`. There are:\n\n${list}\n`);
  return 2;
}

/** Prints a page, and below it what else there is to read: what it links to, and `behind` it. */
function show(markdown: string, options: ExplainOptions, behind: readonly string[] = []): 0 {
  const related = new Set(behind);
  resolveLinks(markdown, (href) => {
    const subject = subjectOf(href);
    if (subject !== undefined && subject !== options.subject) related.add(subject);
    return href;
  });
  const next = [...related].map((subject) => `  fearless-threads explain ${subject}`);
  const seeAlso = next.length === 0 ? "" : `\n${["See also", ...next].join("\n")}\n`;
  process.stdout.write(`${renderMarkdown(markdown, options)}\n${seeAlso}`);
  return 0;
}

/** What to explain in place of a link from page to page: `join.md`, `../unjoined-handle/page.md`. */
function subjectOf(href: string): string | undefined {
  return /([\w-]+)(?:\/page)?\.md(?:#.*)?$/.exec(href)?.[1];
}

function asWritten(href: string): string {
  return href;
}
