/** A concept as Markdown: short for a hover, whole for a page. */
import type { Concept, Misbelief } from "./concept.js";

/** Turns a link that is relative to the page, such as `move.md`, into one that can be followed where the text is shown. */
export type ResolveLink = (href: string) => string;

/** The mental model of a name at a glance: of each section its first paragraph, and of the misbeliefs the first. */
export function hoverMarkdown(concept: Concept, resolve: ResolveLink): string {
  const [misbelief] = concept.misbeliefs;
  const parts = [
    `**${concept.title}** · ${glance(concept.whatItIs)}`,
    `**Picture.** ${glance(concept.picture)}`,
    `**Underneath.** ${glance(concept.underneath)}`,
    ...(misbelief ? [`**Common misbelief.** *“${misbelief.belief}”* ${glance(misbelief.truth)}`] : []),
    `\`\`\`ts\n${concept.example}\n\`\`\``,
    `[More: ${concept.title}](${concept.id}.md)`,
  ];
  return resolveLinks(parts.join("\n\n"), resolve);
}

/** Everything the page says, without its front matter, under one title. */
export function pageMarkdown(concept: Concept, resolve: ResolveLink): string {
  const names = concept.names.map((name) => `\`${name}\``).join(", ");
  const parts = [
    `# ${concept.title}`,
    ...(names === "" ? [] : [`Names: ${names}`]),
    concept.whatItIs,
    `## Picture\n\n${concept.picture}`,
    `## Underneath\n\n${concept.underneath}`,
    `## Common misbelief\n\n${concept.misbeliefs.map(misbeliefMarkdown).join("\n\n")}`,
    `## Example\n\n\`\`\`ts\n${concept.example}\n\`\`\``,
    `## More\n\n${concept.more}`,
  ];
  return `${resolveLinks(parts.join("\n\n"), resolve)}\n`;
}

function misbeliefMarkdown({ belief, truth }: Misbelief): string {
  return `> ${belief}\n\n${truth}`;
}

/** The first paragraph on one line, since some editors show its line breaks, and the code block below it if there is one. */
function glance(text: string): string {
  const [paragraph = "", next = ""] = text.split(/\n\n(?=[^\n])/, 2);
  const line = paragraph.replaceAll("\n", " ");
  if (!next.startsWith("```")) return line;
  const block = /^```.*?\n```(?=\n|$)/s.exec(text.slice(paragraph.length + 2))?.[0];
  return block === undefined ? line : `${line}\n\n${block}`;
}

/** Rewrites the targets of links; what has a scheme already stays. */
export function resolveLinks(markdown: string, resolve: ResolveLink): string {
  return markdown.replace(/\]\((?![a-z][a-z+.-]*:)([^)\s]+)\)/g, (_, href: string) => `](${resolve(href)})`);
}
