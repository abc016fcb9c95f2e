/**
 * Lowers a syntax tree to the middle form. Pure and synchronous, and it never throws, however broken the code is:
 * what the parser had to invent is skipped, what is nested too deeply becomes one `opaque` step.
 */
import type { ImportDeclaration, Node, SourceFile } from "typescript/ast";
import { ScriptKind, SyntaxKind } from "typescript/ast";
import type { Answers, Question } from "../program/program.js";
import { finishedBlocks } from "./builder.js";
import { implicitReturn } from "./exits.js";
import { openBody } from "./functions.js";
import { collectImports, importedNames } from "./imports.js";
import type { Body, Capture, Local, Module } from "./mir.js";
import { declareBlock, declareVars } from "./scopes.js";
import type { BodyDraft, FileState } from "./state.js";
import { lowerStatements } from "./statements.js";
import { listed, textOf } from "./syntax.js";

/**
 * @param file absolute path, as it appears in symbol keys
 * @param answers what the type checker said to {@link questionsFor}'s questions; without them the form is complete but
 *   knows no symbols and types
 */
export function lower(file: string, tree: SourceFile, answers: Answers): Module {
  const state: FileState = {
    file,
    tree,
    text: tree.text,
    answers,
    javascript: tree.scriptKind === ScriptKind.JS || tree.scriptKind === ScriptKind.JSX,
    locals: [],
    scopes: [],
    bodies: [],
    imports: [],
    scopeOf: new Map(),
    bodyOf: new Map(),
    symbolOf: new Map(),
    aliasOf: new Map(),
    memberOf: new Map(),
    typeNames: typeNames(tree),
    typeOf: new Map(),
    starts: new Map(),
    used: new Set(),
    depth: 0,
  };
  const whole = { start: 0, end: state.text.length };
  const module = openBody(state, undefined, {
    node: tree,
    kind: "module",
    name: undefined,
    symbol: undefined,
    async: true,
    generator: false,
    spans: { whole, params: undefined, parenthesized: false, body: whole, expressionBody: false },
    scope: "module",
  });
  const statements = tree.isDeclarationFile ? [] : listed(tree.statements);
  declareVars(state, module.frame, statements);
  declareBlock(state, module.frame, statements);
  const importOffset = collectImports(module, statements);
  lowerStatements(module, statements);
  implicitReturn(module, whole);
  return {
    file,
    text: state.text,
    bodies: state.bodies.map((draft) => finishedBody(draft)),
    locals: state.locals.map((local) => finishedLocal(state, local)),
    scopes: state.scopes,
    importOffset,
    imports: state.imports,
  };
}

/** What the module imports and the interfaces, classes, enums and types it declares: names that mean one thing. */
function typeNames(tree: SourceFile): ReadonlySet<string> {
  const names = new Set<string>();
  for (const statement of listed<Node>(tree.statements)) {
    switch (statement.kind) {
      case SyntaxKind.InterfaceDeclaration:
      case SyntaxKind.TypeAliasDeclaration:
      case SyntaxKind.ClassDeclaration:
      case SyntaxKind.EnumDeclaration:
        names.add(textOf((statement as Node & { readonly name?: Node }).name) ?? "");
        break;
      case SyntaxKind.ImportDeclaration:
        for (const name of importedNames(statement as ImportDeclaration)) names.add(textOf(name) ?? "");
        break;
      default:
        break;
    }
  }
  return names;
}

/**
 * The nodes to ask the type checker about, for one batch: exactly those whose answers lowering looks at, found by
 * lowering once with a listener in place of answers.
 */
export function questionsFor(tree: SourceFile): readonly Question[] {
  const symbols = new Set<Node>();
  const types = new Set<Node>();
  lower(tree.fileName, tree, {
    symbol: (node) => {
      symbols.add(node);
      return undefined;
    },
    type: (node) => {
      types.add(node);
      return undefined;
    },
  });
  return [
    ...[...symbols].map((node): Question => ({ node, want: "symbol" })),
    ...[...types].map((node): Question => ({ node, want: "type" })),
  ];
}

function finishedBody(draft: BodyDraft): Body {
  return {
    id: draft.id,
    parent: draft.parent?.id,
    kind: draft.kind,
    name: draft.name,
    symbol: draft.symbol,
    async: draft.async,
    generator: draft.generator,
    params: draft.params,
    blocks: finishedBlocks(draft),
    captures: finishedCaptures(draft),
    scope: draft.scope,
    spans: draft.spans,
  };
}

function finishedCaptures(draft: BodyDraft): readonly Capture[] {
  const captures = [...draft.captures].map(([local, uses]) => ({
    local,
    uses: [...uses.values()].sort((a, b) => a.span.start - b.span.start),
  }));
  return captures.sort((a, b) => (a.uses[0]?.span.start ?? 0) - (b.uses[0]?.span.start ?? 0));
}

function finishedLocal(state: FileState, local: Local): Local {
  const typeOnly = local.typeOnly || (local.kind === "import" && !state.javascript && !state.used.has(local.id));
  return { ...local, typeOnly, function: local.reassigned ? undefined : local.function };
}
