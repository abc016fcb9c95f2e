/** Asks a snapshot about names, by how they are written. */
import assert from "node:assert/strict";
import { isIdentifier, isPrivateIdentifier, type Node, SyntaxKind } from "typescript/ast";
import type { Snapshot, SymbolKey, TypeKey } from "../../server/src/analysis/program/program.js";

export interface Asked {
  /** Of the last place where the name is written. */
  symbol(name: string): SymbolKey | undefined;
  /** Of the last place where the name is written, as {@link printType} writes it. */
  type(name: string): string;
}

/** Asks about every name in a file at once. */
export async function askAll(snapshot: Snapshot, file: string): Promise<Asked> {
  const tree = await snapshot.tree(file);
  assert.ok(tree, `there is no tree of ${file}`);
  const names: Node[] = [];
  const visit = (node: Node): void => {
    if (isIdentifier(node) || isPrivateIdentifier(node) || node.kind === SyntaxKind.ThisKeyword) names.push(node);
    node.forEachChild(visit);
  };
  visit(tree);
  const answers = await snapshot.resolve(
    file,
    names.flatMap((node) => [{ node, want: "symbol" } as const, { node, want: "type" } as const]),
  );
  const find = (name: string): Node =>
    names.findLast((node) => tree.text.slice(node.getStart(tree), node.end) === name) ?? assert.fail(`no name ${name}`);
  return {
    symbol: (name) => answers.symbol(find(name)),
    type: (name) => printType(answers.type(find(name))),
  };
}

/** `Promise<string | Map<number, object>>`, with bases behind a colon: `Child:Parent`. */
function printType(key: TypeKey | undefined): string {
  if (!key) return "none";
  switch (key.kind) {
    case "named": {
      const args = key.args.length > 0 ? `<${key.args.map(printType).join(", ")}>` : "";
      return key.symbol.name + args + key.bases.map((base) => `:${base.name}`).join("");
    }
    case "array":
      return `${printType(key.element)}[]`;
    case "tuple":
      return `[${key.elements.map(printType).join(", ")}]`;
    case "union":
      return key.members.map(printType).sort().join(" | ");
    case "function":
      return `() => ${key.returns ? printType(key.returns) : "?"}`;
    case "primitive":
      return key.name;
    case "object":
    case "unknown":
      return key.kind;
  }
}
