/** The languages that the extension is about. */
import type { DocumentFilter } from "vscode-languageclient/node";

export const languages = ["typescript", "typescriptreact", "javascript", "javascriptreact"] as const;

export function isOurLanguage(languageId: string): boolean {
  return languages.some((language) => language === languageId);
}

/** Files and texts that were never saved; not the left side of a diff, not a file of a package shown by another extension. */
export const selector: DocumentFilter[] = languages.flatMap((language) => [
  { language, scheme: "file" },
  { language, scheme: "untitled" },
]);
