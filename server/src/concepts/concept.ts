/**
 * One concept of the mental model, as its Markdown page says it.
 *
 * A page has front matter (`title`, `names`, `rule`, `rules`; lists separated by commas) and six sections with fixed
 * headings in a fixed order. The first paragraph of a section, with the code block that follows it, is what a hover shows; what
 * comes after is for readers of the page.
 */

/** Something that people believe and that is not so. */
export interface Misbelief {
  /** The belief, as one who holds it would say it. */
  readonly belief: string;
  /** What is true, and why it matters. */
  readonly truth: string;
}

export interface Concept {
  /** The name of the page's file without `.md`: `join`. */
  readonly id: string;
  readonly title: string;
  /** The names of the API that it explains, qualified by their class: `spawn`, `JoinHandle.join`. */
  readonly names: readonly string[];
  /** The rule that this concept is behind, before all others. */
  readonly rule: string | undefined;
  /** Further rules that report what goes wrong where it is not understood. */
  readonly rules: readonly string[];
  readonly whatItIs: string;
  /** The kitchen, in words and as a diagram. */
  readonly picture: string;
  readonly underneath: string;
  /** At least one. */
  readonly misbeliefs: readonly Misbelief[];
  /** Two lines of TypeScript that compile with the names of `fearless-threads` imported. */
  readonly example: string;
  /** A list of links, relative to the page. */
  readonly more: string;
}

/** A page that has not the shape of a concept. Its message names the page, what was expected and what is there. */
export class ConceptError extends Error {
  override readonly name = "ConceptError";

  constructor(id: string, problem: string) {
    super(`concepts/${id}.md: ${problem}`);
  }
}

const headings = ["What it is", "Picture", "Underneath", "Common misbelief", "Example", "More"] as const;
type Heading = (typeof headings)[number];

/**
 * Reads one page.
 *
 * @throws {ConceptError} where the front matter or a section is missing or has another shape.
 */
export function parseConcept(id: string, text: string): Concept {
  const page = /^---\n(?<matter>.*?)\n---\n(?<body>.*)$/s.exec(text.replaceAll("\r\n", "\n"));
  if (!page?.groups) throw new ConceptError(id, "expected front matter between two lines of `---` at the start");
  const matter = parseFrontMatter(id, page.groups.matter ?? "");
  const sections = parseSections(id, page.groups.body ?? "");
  return {
    id,
    ...matter,
    whatItIs: sections["What it is"],
    picture: sections.Picture,
    underneath: sections.Underneath,
    misbeliefs: parseMisbeliefs(id, sections["Common misbelief"]),
    example: parseExample(id, sections.Example),
    more: sections.More,
  };
}

function parseFrontMatter(id: string, text: string): Pick<Concept, "title" | "names" | "rule" | "rules"> {
  const fields = new Map<string, string>();
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const key = line.slice(0, colon);
    if (colon < 0 || !["title", "names", "rule", "rules"].includes(key)) {
      throw new ConceptError(
        id,
        `expected \`title:\`, \`names:\`, \`rule:\` or \`rules:\` in the front matter, found \`${line}\``,
      );
    }
    fields.set(key, line.slice(colon + 1).trim());
  }
  const title = fields.get("title");
  if (!title) throw new ConceptError(id, "expected a `title:` in the front matter");
  return { title, names: list(fields.get("names")), rule: fields.get("rule"), rules: list(fields.get("rules")) };
}

function list(text: string | undefined): readonly string[] {
  return (text ?? "")
    .split(",")
    .map((item) => item.trim())
    .filter((item) => item !== "");
}

function parseSections(id: string, body: string): Readonly<Record<Heading, string>> {
  // Code blocks may hold lines that look like headings, so a heading only counts outside of them.
  let fenced = false;
  const found: { heading: string; lines: string[] }[] = [];
  for (const line of body.split("\n")) {
    if (line.startsWith("```")) fenced = !fenced;
    if (!fenced && line.startsWith("## ")) found.push({ heading: line.slice(3).trim(), lines: [] });
    else if (found.length > 0) found.at(-1)?.lines.push(line);
    else if (line.trim() !== "") throw new ConceptError(id, `expected \`## ${headings[0]}\` first, found \`${line}\``);
  }
  const names = found.map((section) => section.heading).join(", ");
  if (names !== headings.join(", ")) {
    throw new ConceptError(id, `expected the sections ${headings.join(", ")} in this order, found ${names}`);
  }
  const section = (heading: Heading): string => {
    const text = (found[headings.indexOf(heading)]?.lines ?? []).join("\n").trim();
    if (text === "") throw new ConceptError(id, `the section \`${heading}\` is empty`);
    return text;
  };
  return {
    "What it is": section("What it is"),
    Picture: section("Picture"),
    Underneath: section("Underneath"),
    "Common misbelief": section("Common misbelief"),
    Example: section("Example"),
    More: section("More"),
  };
}

/** A misbelief is a quoted paragraph, and what is true are the paragraphs that follow it. */
function parseMisbeliefs(id: string, text: string): readonly Misbelief[] {
  const misbeliefs = text
    .split(/^(?=>)/m)
    .map((part) => part.split("\n\n"))
    .map(([quote = "", ...truth]) => ({
      belief: quote.replace(/^>\s*/gm, "").trim(),
      truth: truth.join("\n\n").trim(),
    }));
  if (!text.startsWith(">") || misbeliefs.some(({ belief, truth }) => belief === "" || truth === "")) {
    throw new ConceptError(id, "expected each misbelief as one quoted line (`> …`), a blank line, and what is true");
  }
  return misbeliefs;
}

function parseExample(id: string, text: string): string {
  const code = /^```ts\n(?<code>[^\n]+\n[^\n]+)\n```$/.exec(text)?.groups?.code;
  if (code === undefined) throw new ConceptError(id, "expected the example to be one ```ts block of two lines");
  return code;
}
