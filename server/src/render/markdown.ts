/**
 * Markdown made readable on a terminal: headings and code coloured, addresses of the web behind their text. A link to
 * another page is its text alone, since a terminal cannot follow it. No reflow: pages are written for it.
 */
import { styleOf } from "./style.js";

export function renderMarkdown(markdown: string, options: { readonly colors: boolean }): string {
  const style = styleOf(options);
  let fenced = false;
  const lines: string[] = [];
  for (const line of markdown.replaceAll("\r\n", "\n").split("\n")) {
    if (/^\s*(```|~~~)/.test(line)) {
      fenced = !fenced;
      continue;
    }
    if (fenced) lines.push(`    ${style.added(line)}`.trimEnd());
    else if (/^#{1,6} /.test(line)) lines.push(style.headline(inline(line.replace(/^#+ /, ""), style)));
    else lines.push(inline(line.replace(/^(\s*)[-*] /, "$1• ").replace(/^> ?/, "│ "), style));
  }
  return lines
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function inline(line: string, style: ReturnType<typeof styleOf>): string {
  // Links first, since their text may be code; then code: nothing inside backticks is markup.
  return line
    .replace(/\[([^\]]+)\]\(([^)\s]+)\)/g, (_, text: string, href: string) =>
      /^[a-z][a-z+.-]*:/.test(href) ? `${text} (${href})` : text,
    )
    .split(/(`[^`]+`)/)
    .map((part) => {
      if (/^`[^`]+`$/.test(part)) return style.secondary(part.slice(1, -1));
      return part
        .replace(/\*\*([^*]+)\*\*/g, (_, text: string) => style.strong(text))
        .replace(/(?<![\w*])\*([^*]+)\*(?![\w*])/g, (_, text: string) => style.strong(text));
    })
    .join("");
}
