/** What the name at a place in a file refers to, for hovers. */
import { getTokenAtPosition, type Node, SyntaxKind } from "typescript/ast";
import type { Span } from "../analysis/diagnostic.js";
import type { Snapshot, SymbolKey } from "../analysis/program/program.js";

export interface IdentifierAnswer {
  readonly symbol: SymbolKey;
  /** The name as it is written there. */
  readonly name: string;
  readonly span: Span;
}

/** Undefined where there is no name at `offset`, or nothing is known of it. The end of a name counts as on it. */
export async function identifierAt(
  snapshot: Snapshot,
  file: string,
  offset: number,
): Promise<IdentifierAnswer | undefined> {
  const tree = await snapshot.tree(file);
  if (tree === undefined) return undefined;
  const node = [offset, offset - 1]
    .filter((at) => at >= 0 && at < tree.text.length)
    .map((at) => getTokenAtPosition(tree, at))
    .find((token) => isName(token) && token.getStart(tree) <= offset && offset <= token.end);
  if (node === undefined) return undefined;
  const symbol = (await snapshot.resolve(file, [{ node, want: "symbol" }])).symbol(node);
  const span = { start: node.getStart(tree), end: node.end };
  return symbol && { symbol, name: tree.text.slice(span.start, span.end), span };
}

function isName(node: Node): boolean {
  return node.kind === SyntaxKind.Identifier || node.kind === SyntaxKind.PrivateIdentifier;
}
