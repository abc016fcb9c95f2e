/** The import declarations of a file, and where another one would go. */
import type {
  ImportDeclaration,
  ImportEqualsDeclaration,
  LiteralExpression,
  NamedImports,
  NamespaceImport,
  Node,
} from "typescript/ast";
import { getShebang, SyntaxKind } from "typescript/ast";
import type { Import, LocalId } from "./mir.js";
import type { BodyState } from "./state.js";
import { spanOf } from "./state.js";
import { listed, textOf } from "./syntax.js";

export function collectImports(b: BodyState, statements: readonly Node[]): number {
  let end: number | undefined;
  let prologue = true;
  let afterPrologue = getShebang(b.file.text)?.length ?? 0;
  for (const statement of statements) {
    const found = importOf(b, statement);
    if (found !== undefined) {
      b.file.imports.push(found);
      end = statement.end;
    }
    prologue &&= isDirective(statement);
    if (prologue) afterPrologue = statement.end;
  }
  return lineAfter(b.file.text, end ?? afterPrologue);
}

/** The names an import declaration binds. */
export function importedNames({ importClause }: ImportDeclaration): readonly Node[] {
  const bindings = importClause?.namedBindings;
  const own = importClause?.name === undefined ? [] : [importClause.name];
  if (bindings?.kind === SyntaxKind.NamespaceImport) return [...own, (bindings as NamespaceImport).name];
  if (bindings?.kind !== SyntaxKind.NamedImports) return own;
  return [...own, ...listed((bindings as NamedImports).elements).map((element) => element.name)];
}

function isDirective(statement: Node): boolean {
  if (statement.kind !== SyntaxKind.ExpressionStatement) return false;
  const { expression } = statement as Node & { readonly expression?: Node };
  return expression?.kind === SyntaxKind.StringLiteral;
}

/** The start of the next line where only blanks or a comment follow, so that a whole line can be inserted there. */
function lineAfter(text: string, offset: number): number {
  if (offset === 0) return text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const rest = /^[ \t]*(\/\/[^\n]*)?\r?\n/.exec(text.slice(offset, offset + 500));
  return rest === null ? offset : offset + rest[0].length;
}

function importOf(b: BodyState, statement: Node): Import | undefined {
  if (statement.kind === SyntaxKind.ImportEqualsDeclaration) return requireOf(b, statement as ImportEqualsDeclaration);
  if (statement.kind !== SyntaxKind.ImportDeclaration) return undefined;
  const { importClause, moduleSpecifier } = statement as ImportDeclaration;
  const names: { imported: string; local: LocalId }[] = [];
  const add = (imported: string, name: Node): void => {
    const local = b.frame.names.get(textOf(name) ?? "");
    if (local !== undefined) names.push({ imported, local });
  };
  if (importClause?.name !== undefined) add("default", importClause.name);
  const bindings = importClause?.namedBindings;
  let namedEnd: number | undefined;
  if (bindings?.kind === SyntaxKind.NamespaceImport) add("*", (bindings as NamespaceImport).name);
  if (bindings?.kind === SyntaxKind.NamedImports) {
    const { elements } = bindings as NamedImports;
    for (const element of listed(elements)) add(textOf(element.propertyName ?? element.name) ?? "", element.name);
    const last = listed(elements).at(-1);
    namedEnd = last?.end ?? elements?.pos;
  }
  return {
    specifier: (moduleSpecifier as LiteralExpression | undefined)?.text ?? "",
    span: spanOf(b.file, statement),
    typeOnly: importClause?.phaseModifier === SyntaxKind.TypeKeyword,
    namedEnd,
    names,
  };
}

function requireOf(b: BodyState, node: ImportEqualsDeclaration): Import | undefined {
  const external = node.moduleReference as (Node & { readonly expression?: LiteralExpression }) | undefined;
  if (external?.kind !== SyntaxKind.ExternalModuleReference) return undefined;
  const local = b.frame.names.get(textOf(node.name) ?? "");
  return {
    specifier: external.expression?.text ?? "",
    span: spanOf(b.file, node),
    typeOnly: node.isTypeOnly,
    namedEnd: undefined,
    names: local === undefined ? [] : [{ imported: "export=", local }],
  };
}
