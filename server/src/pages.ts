/**
 * Where the Markdown lies that the server reads, and where links to it lead.
 *
 * This module is at the top of the sources, as its bundle is at the top of `dist`, so that the same relative addresses
 * hold in both (the build copies the pages beside the bundle).
 */

/** The folders, as URLs that end in a slash. */
export const pageUrls = {
  concepts: new URL("./concepts/", import.meta.url),
  rules: new URL("./analysis/rules/", import.meta.url),
} as const;

/**
 * The address of a rule's page, for `codeDescription` in an editor, `helpUri` in SARIF and "see also" in a terminal.
 *
 * It is the copy that is installed with the program: always there, always of the same version, and readable offline.
 */
export function rulePageUrl(rule: string): URL {
  return new URL(`${rule}/page.md`, pageUrls.rules);
}

/** The address of a concept's page; `href` is a link as concept pages write them: `move.md`. */
export function conceptPageUrl(href: string): URL {
  return new URL(href, pageUrls.concepts);
}
