/** The module specifiers of a file, from its tree. */
import {
  isCallExpression,
  isExportDeclaration,
  isIdentifier,
  isImportDeclaration,
  isStringLiteral,
  type Node,
  type SourceFile,
  type StringLiteral,
  SyntaxKind,
} from "typescript/ast";

/** Of `import`, `export … from`, `import(…)`, `require(…)` and `import x = require(…)`, in order. */
export function moduleSpecifiers(tree: SourceFile): readonly StringLiteral[] {
  const found: StringLiteral[] = [];
  const visit = (node: Node): void => {
    const specifier = specifierOf(node);
    if (specifier && isStringLiteral(specifier)) found.push(specifier);
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

function specifierOf(node: Node): Node | undefined {
  if (isImportDeclaration(node) || isExportDeclaration(node)) return node.moduleSpecifier;
  if (node.kind === SyntaxKind.ExternalModuleReference && "expression" in node) return node.expression as Node;
  if (!isCallExpression(node)) return undefined;
  const { expression } = node;
  const imports =
    expression.kind === SyntaxKind.ImportKeyword || (isIdentifier(expression) && expression.text === "require");
  return imports ? node.arguments[0] : undefined;
}
