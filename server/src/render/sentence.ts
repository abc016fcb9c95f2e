/** Titles and helps start with a capital for the lightbulb; after `help:` they go on in the sentence. */
export function lowerFirst(title: string): string {
  return /^[A-Z][a-z]*\b/.test(title) ? title.charAt(0).toLowerCase() + title.slice(1) : title;
}
