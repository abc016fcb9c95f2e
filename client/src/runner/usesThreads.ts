/** Whether a text starts threads, as far as a look at its imports can tell. */

const importsLibrary = /\bfrom\s*["']fearless-threads["']|\b(?:import|require)\s*\(\s*["']fearless-threads["']\s*\)/;

/** @returns the offset of the import, or undefined. */
export function threadImportOffset(text: string): number | undefined {
  return importsLibrary.exec(text)?.index;
}
