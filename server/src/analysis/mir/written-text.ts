/** Where a file's text is no code, so that a comment on a line of its own would be part of what is shown. */
import type { Node, SourceFile } from "typescript/ast";
import { LanguageVariant, SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";

export interface WrittenText extends Span {
  /** `jsx`: between tags, where a comment has to stand in braces. `template`: in a template literal, where there is none. */
  readonly kind: "jsx" | "template";
}

/** All such places that reach over the end of a line, in order of the text. */
export function writtenTexts(tree: SourceFile): readonly WrittenText[] {
  const found: WrittenText[] = [];
  // To go through a whole tree takes a while.
  if (!tree.text.includes("`") && tree.languageVariant !== LanguageVariant.JSX) return found;
  const visit = (node: Node): void => {
    const kind = kindOf(node.kind);
    // The text of a template begins behind the blanks before it; the text between tags has none.
    const start = kind === "template" ? node.getStart(tree) : node.pos;
    if (kind !== undefined && tree.text.slice(start, node.end).includes("\n"))
      found.push({ kind, start, end: node.end });
    node.forEachChild(visit);
  };
  tree.forEachChild(visit);
  return found;
}

function kindOf(kind: SyntaxKind): WrittenText["kind"] | undefined {
  switch (kind) {
    case SyntaxKind.JsxText:
      return "jsx";
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateHead:
    case SyntaxKind.TemplateMiddle:
    case SyntaxKind.TemplateTail:
      return "template";
    default:
      return undefined;
  }
}
