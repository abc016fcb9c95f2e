/**
 * Lowers a syntax tree to the middle form. Pure and synchronous, and it never throws, however broken the code is:
 * what the parser had to invent is skipped, what is nested too deeply becomes one `opaque` step.
 */
import type { ImportDeclaration, Node, SourceFile } from "typescript/ast";
import { ScriptKind, SyntaxKind } from "typescript/ast";
import type { Answers, Part, Question, SymbolKey, TypeKey } from "../program/program.js";
import { finishedBlocks } from "./builder.js";
import { implicitReturn } from "./exits.js";
import { openBody } from "./functions.js";
import { startingGetters } from "./getters.js";
import { collectImports, importedNames } from "./imports.js";
import type { Body, Capture, Local, Module } from "./mir.js";
import { declareBlock, declareVars } from "./scopes.js";
import type { BodyDraft, FileState, Holder, Senders } from "./state.js";
import { lowerStatements } from "./statements.js";
import { forgetTexts, listed, textOf } from "./syntax.js";

/** A file that is lowered but for what the type checker has to say. */
export interface Lowering {
  /** For one batch: exactly those questions whose answers appear in the module. */
  readonly questions: readonly Question[];
  /** Fills in the answers. To be called once. */
  finish(answers: Answers): Module;
}

/**
 * Lowers a file as far as its text goes.
 *
 * @param file absolute path, as it appears in symbol keys
 * @param senders the functions and methods whose arguments' parts are asked for
 * @example
 * const lowering = startLowering(file, tree);
 * const module = lowering.finish(await snapshot.resolve(file, lowering.questions));
 */
export function startLowering(file: string, tree: SourceFile, senders: Senders = new Map()): Lowering {
  const questions = createQuestions();
  const { state, importOffset } = lowerTree(file, tree, questions.asked, senders);
  return {
    questions: questions.list(),
    finish(answers) {
      for (const holder of [...state.locals, ...state.holders]) questions.fill(holder, answers);
      return finished(state, importOffset);
    },
  };
}

/** Lowers a file with answers that are there already. Without any the form is complete but knows no symbols and types. */
export function lower(file: string, tree: SourceFile, answers: Answers, senders: Senders = new Map()): Module {
  const { state, importOffset } = lowerTree(file, tree, answers, senders);
  return finished(state, importOffset);
}

interface Questions {
  readonly asked: Answers;
  list(): readonly Question[];
  /** Replaces the stand-ins in a holder with what was answered. */
  fill(holder: Holder, answers: Answers): void;
}

/** Answers each question with an object of its own, by which the place of the answer is found again. */
function createQuestions(): Questions {
  const symbols = new Map<Node, SymbolKey>();
  const types = new Map<Node, TypeKey>();
  const parts = new Map<Node, readonly Part[]>();
  const nodes = new Map<object, Node>();
  return {
    asked: {
      symbol: (node) =>
        standIn(symbols, nodes, node, () => ({ package: undefined, file: "", name: "", offset: undefined })),
      type: (node) => standIn<TypeKey>(types, nodes, node, () => ({ kind: "unknown" })),
      parts: (node) => standIn<readonly Part[]>(parts, nodes, node, () => []),
    },
    list: () => [
      ...[...symbols.keys()].map((node): Question => ({ node, want: "symbol" })),
      ...[...types.keys()].map((node): Question => ({ node, want: "type" })),
      ...[...parts.keys()].map((node): Question => ({ node, want: "parts" })),
    ],
    fill(holder, answers) {
      const symbol = holder.symbol && nodes.get(holder.symbol);
      const type = holder.type && nodes.get(holder.type);
      const parts = holder.parts && nodes.get(holder.parts);
      if (symbol !== undefined) holder.symbol = answers.symbol(symbol);
      if (type !== undefined) holder.type = answers.type(type);
      if (parts !== undefined) holder.parts = answers.parts(parts);
    },
  };
}

function standIn<T extends object>(known: Map<Node, T>, nodes: Map<object, Node>, node: Node, make: () => T): T {
  const answer = known.get(node) ?? make();
  known.set(node, answer);
  nodes.set(answer, node);
  return answer;
}

interface Lowered {
  readonly state: FileState;
  readonly importOffset: number;
}

function lowerTree(file: string, tree: SourceFile, asked: Answers, senders: Senders): Lowered {
  forgetTexts();
  const state: FileState = {
    file,
    tree,
    text: tree.text,
    asked,
    holders: [],
    javascript: tree.scriptKind === ScriptKind.JS || tree.scriptKind === ScriptKind.JSX,
    locals: [],
    scopes: [],
    bodies: [],
    senders,
    getters: startingGetters(tree, senders),
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
  return { state, importOffset };
}

function finished(state: FileState, importOffset: number): Module {
  return {
    file: state.file,
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

/** The questions of {@link startLowering} alone. */
export function questionsFor(tree: SourceFile): readonly Question[] {
  return startLowering(tree.fileName, tree).questions;
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
