/** Enums, namespaces and import aliases, which run where they stand. */
import type {
  EntityName,
  EnumDeclaration,
  Identifier,
  ImportEqualsDeclaration,
  ModuleBlock,
  ModuleDeclaration,
  Node,
  QualifiedName,
} from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { Span } from "../diagnostic.js";
import { assign, constant, placeOf, placeOperand, use } from "./builder.js";
import { project } from "./calls.js";
import { closeScope, openScope } from "./exits.js";
import { lowerName, lowerOperand } from "./expressions.js";
import type { LocalId, ObjectField, Operand } from "./mir.js";
import { lowerPropertyName } from "./objects.js";
import { declare, declareVars, isConstEnum, isInstantiated, lookup } from "./scopes.js";
import type { BodyState } from "./state.js";
import { insideOf, spanOf } from "./state.js";
import { lowerStatements } from "./statements.js";
import { listed, textOf } from "./syntax.js";

export function lowerEnum(b: BodyState, outer: Node): void {
  const node = outer as EnumDeclaration;
  if (isConstEnum(node)) return;
  const local = lookup(b.frame, textOf(node.name) ?? "");
  const span = spanOf(b.file, node);
  const inside = {
    start: node.members?.pos ?? span.start,
    end: Math.max(node.members?.pos ?? span.start, span.end - 1),
  };
  const qualifier = `${b.frame.qualifier}${textOf(node.name) ?? ""}.`;
  const frame = openScope(b, { node, kind: "block", span: inside, statements: [], qualifier });
  const fields: ObjectField[] = [];
  for (const member of listed(node.members)) {
    const at = spanOf(b.file, member);
    const value = member.initializer === undefined ? constant(undefined, at) : lowerOperand(b, member.initializer);
    const name = lowerPropertyName(b, member.name);
    fields.push({ name, value, spread: false, shorthand: false });
    if (name === undefined || member.name.kind !== SyntaxKind.Identifier) continue;
    const own = declare(b.file, frame, { kind: "const", name, node: member.name, statement: member });
    assign(b, placeOf(own), use(value), at, true);
  }
  closeScope(b, frame, inside);
  if (local !== undefined) define(b, local, fields, span);
}

/** A second `enum` or `namespace` of one name, or one of a function's or class's name, adds to what is there. */
function define(b: BodyState, local: LocalId, fields: readonly ObjectField[], span: Span): void {
  if (b.file.locals[local]?.statement?.start === span.start) {
    assign(b, placeOf(local), { kind: "object", fields }, span, true);
    return;
  }
  for (const { name, value } of fields) {
    if (name !== undefined) assign(b, placeOf(local, [{ kind: "field", name }]), use(value), span);
  }
}

export function lowerNamespace(b: BodyState, outer: Node): void {
  const node = outer as ModuleDeclaration;
  const name = textOf(node.name);
  if (node.name?.kind !== SyntaxKind.Identifier || name === undefined || !isInstantiated(node)) return;
  const local = lookup(b.frame, name);
  const body: Node | undefined = node.body;
  if (body === undefined || local === undefined) return;
  const nested = body.kind === SyntaxKind.ModuleDeclaration;
  const statements = nested ? [body] : listed<Node>((body as ModuleBlock).statements);
  const qualifier = `${b.frame.qualifier}${name}.`;
  const inside = insideOf(b.file, body);
  const frame = openScope(b, { node, kind: "block", span: inside, statements, qualifier });
  declareVars(b.file, frame, statements);
  if (nested) exportAll(b, frame.locals);
  lowerStatements(b, statements);
  const fields = frame.locals.flatMap((id): readonly ObjectField[] => {
    const declared = b.file.locals[id];
    if (declared?.exported !== true) return [];
    const value: Operand = placeOperand(placeOf(id), declared.span ?? inside);
    return [{ name: declared.name, value, spread: false, shorthand: false }];
  });
  const span = spanOf(b.file, node);
  define(b, local, fields, span);
  closeScope(b, frame, inside);
}

/** `namespace A.B {}` exports `B` from `A`. */
function exportAll(b: BodyState, locals: readonly number[]): void {
  for (const id of locals) {
    const declared = b.file.locals[id];
    if (declared !== undefined) declared.exported = true;
  }
}

/** `import x = N.Y`. What `import x = require("…")` binds is an import like any other. */
export function lowerImportEquals(b: BodyState, outer: Node): void {
  const node = outer as ImportEqualsDeclaration;
  const reference = node.moduleReference;
  if (node.isTypeOnly || reference === undefined || reference.kind === SyntaxKind.ExternalModuleReference) return;
  const local = lookup(b.frame, textOf(node.name) ?? "");
  if (local === undefined) return;
  assign(b, placeOf(local), use(lowerEntity(b, reference as EntityName)), spanOf(b.file, node), true);
}

function lowerEntity(b: BodyState, node: EntityName): Operand {
  const names: QualifiedName[] = [];
  let root: EntityName = node;
  for (; root.kind === SyntaxKind.QualifiedName; root = root.left) names.push(root);
  let operand = lowerName(b, root as Identifier);
  for (const { left, right } of names.reverse()) {
    const span = { start: spanOf(b.file, left).start, end: right.end };
    operand = project(b, operand, { kind: "field", name: textOf(right) ?? "" }, span, right);
  }
  return operand;
}
