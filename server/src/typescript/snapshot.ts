/** The port's {@link Snapshot}, answered by one native snapshot. */
import type { BindingElement, Identifier, SourceFile } from "typescript/ast";
import { isIdentifier, isStringLiteralLikeNode, type Node, SyntaxKind } from "typescript/ast";
import type { Snapshot as NativeSnapshot, Project } from "typescript/async";
import type { Answers, Part, Question, Snapshot, SymbolKey, TypeKey } from "../analysis/program/program.js";
import { builtBy } from "./built.js";
import type { Session } from "./compiler/compiler.js";
import { CompilerUnavailable } from "./compiler/unavailable.js";
import type { BasesCache } from "./keys/bases-cache.js";
import type { Packages } from "./keys/packages.js";
import type { DeclaredCache } from "./keys/symbols.js";
import { remember } from "./memo.js";
import { isDeclarationFile, isSourceFile, normalizePath, sourceExtensions } from "./paths.js";
import type { Keys, Programs } from "./programs.js";
import type { Answer, KeptAnswers, Moment } from "./reuse/kept-answers.js";

/** What outlives a snapshot. */
export interface SharedCaches {
  readonly packages: Packages;
  readonly declared: DeclaredCache;
  readonly bases: BasesCache;
  readonly programs: Programs;
  /** The project that answers for a file. Cleared when files come and go. */
  readonly projectOf: Map<string, Project["id"]>;
  readonly answers: KeptAnswers;
}

/** A snapshot that can also say what the compiler itself finds wrong. The analysis does not ask; tests of fixes do. */
export interface CheckedSnapshot extends Snapshot {
  /** The compiler's errors in one file, as text, in order of position. Empty for a file that is not in the project. */
  errors(file: string): Promise<readonly string[]>;
}

interface Owner {
  /** When the compiler was told what this snapshot shows. */
  readonly moment: Moment;
  /** Why the compiler is not shown the file's text. */
  omission(file: string): string | undefined;
  /** The `tsconfig.json` or `jsconfig.json` nearest to a file. */
  nearestConfig(file: string): string | undefined;
  /** A question about a file begins. @returns What to call when it is over. */
  asking(file: string): () => void;
  /** The compiler hung or died when it was asked about this file. */
  failed(file: string, error: CompilerUnavailable): void;
  release(): Promise<void>;
}

export function createSnapshot(
  native: NativeSnapshot,
  session: Session,
  shared: SharedCaches,
  owner: Owner,
): CheckedSnapshot {
  let released: Promise<void> | undefined;
  const imports = new Map<SourceFile, Promise<readonly string[]>>();

  /** Only as long as the snapshot is held, and blaming the file when the compiler hangs. */
  const ask = async <T>(file: string, what: string, question: () => Promise<T>): Promise<T> => {
    if (released) throw new Error(`The snapshot was disposed of before it was asked to ${what} ${file}.`);
    const over = owner.asking(file);
    try {
      return await session.ask(`${what} ${file}`, question);
    } catch (error) {
      if (error instanceof CompilerUnavailable) owner.failed(file, error);
      throw error;
    } finally {
      over();
    }
  };

  const projectOf = async (file: string): Promise<Project | undefined> => {
    const id = shared.projectOf.get(file);
    const known = id === undefined ? undefined : native.getProject(id);
    if (known) return known;
    const project =
      ownProject(native, owner.nearestConfig(file), file) ?? (await native.getDefaultProjectForFile(file));
    if (project) shared.projectOf.set(file, project.id);
    return project;
  };

  const loadTree = shared.programs.tree;

  /** The tree of a file that was asked for before, which needs no question. */
  const knownTree = (file: string): SourceFile | undefined => {
    const id = shared.projectOf.get(file);
    const project = id === undefined || released ? undefined : native.getProject(id);
    return project && shared.programs.knownTree(project, file);
  };

  const importsOf = (project: Project, tree: SourceFile): Promise<readonly string[]> => {
    return remember(imports, tree, () => ownImports(project, tree, shared.packages));
  };

  return {
    tree(path) {
      const file = normalizePath(path);
      const known = knownTree(file);
      if (known) return Promise.resolve(known);
      if (!isSourceFile(file) || owner.omission(file) !== undefined) return Promise.resolve(undefined);
      return ask(file, "parse", async () => {
        const project = await projectOf(file);
        return project && loadTree(project, file);
      });
    },

    omission(path) {
      const file = normalizePath(path);
      return isSourceFile(file) ? owner.omission(file) : `It is none of ${sourceExtensions.join(" ")}.`;
    },

    resolve(path, questions) {
      const file = normalizePath(path);
      return ask(file, "resolve names and types in", async () => {
        const project = await projectOf(file);
        const tree = project && (await loadTree(project, file));
        if (!project || !tree) return new Answered();
        const known = shared.answers.known(file, tree, questions, owner.moment);
        const open = questions.filter((question) => !known.has(question));
        const [answers, imports] = await Promise.all([
          answer(project, open, shared.programs.keys(project, file)),
          importsOf(project, tree),
        ]);
        for (const [question, answer] of known) answers.take(question, answer);
        const all = new Map(questions.map((question) => [question, answers.of(question)]));
        shared.answers.keep(file, tree, all, imports.length > 0, owner.moment);
        return answers;
      });
    },

    built(path) {
      const file = normalizePath(path);
      return ask(file, "find what is built of", async () => {
        const project = await projectOf(file);
        return project && builtBy(project);
      });
    },

    imports(path) {
      const file = normalizePath(path);
      return ask(file, "resolve the imports of", async () => {
        const project = await projectOf(file);
        const tree = project && (await loadTree(project, file));
        return project && tree ? importsOf(project, tree) : [];
      });
    },

    errors(path) {
      const file = normalizePath(path);
      return ask(file, "check", async () => {
        const program = (await projectOf(file))?.program;
        if (!program) return [];
        const found = await Promise.all([program.getSyntacticDiagnostics(file), program.getSemanticDiagnostics(file)]);
        return found.flat().map((one) => `TS${one.code} at ${one.pos}: ${one.text}`);
      });
    },

    dispose() {
      released ??= owner.release();
      return released;
    },
  };
}

/** The files that each project names, by its parsed config, which stays the same object while nothing in it changes. */
const namedFiles = new WeakMap<Project["parsedCommandLine"], ReadonlySet<string>>();

/**
 * The project of the nearest config, where that names the file: it is the file's default project then. The compiler would
 * say so, too, but with the names of all files of the project each time.
 */
function ownProject(native: NativeSnapshot, config: string | undefined, file: string): Project | undefined {
  const project = config === undefined ? undefined : native.getConfiguredProject(config);
  if (project === undefined) return undefined;
  const { parsedCommandLine } = project;
  const named = namedFiles.get(parsedCommandLine) ?? new Set<string>(parsedCommandLine.fileNames);
  namedFiles.set(parsedCommandLine, named);
  return named.has(file) ? project : undefined;
}

class Answered implements Answers {
  readonly symbols = new Map<Node, SymbolKey>();
  readonly types = new Map<Node, TypeKey>();
  readonly partsOf = new Map<Node, readonly Part[]>();

  of({ want, node }: Question): Answer {
    switch (want) {
      case "symbol":
        return { symbol: this.symbols.get(node) };
      case "type":
        return { type: this.types.get(node) };
      case "parts":
        return { parts: this.partsOf.get(node) };
    }
  }

  take({ node }: Question, { symbol, type, parts }: Answer): void {
    if (symbol) this.symbols.set(node, symbol);
    if (type) this.types.set(node, type);
    if (parts) this.partsOf.set(node, parts);
  }

  symbol(node: Node): SymbolKey | undefined {
    return this.symbols.get(node);
  }
  type(node: Node): TypeKey | undefined {
    return this.types.get(node);
  }
  parts(node: Node): readonly Part[] | undefined {
    return this.partsOf.get(node);
  }
}

async function answer(project: Project, questions: readonly Question[], keys: Keys): Promise<Answered> {
  const { checker } = project;
  const answers = new Answered();
  const asked = (want: Question["want"]) => [...new Set(questions.filter((q) => q.want === want).map((q) => q.node))];
  const [forSymbol, forType, forParts] = [asked("symbol"), asked("type"), asked("parts")];
  const shorthands = forSymbol.filter(isShorthand);
  const taken = forSymbol.filter(isTakenProperty);
  const plain = forSymbol.filter((node) => !isShorthand(node) && !isTakenProperty(node));
  const { symbols: symbolKeys, types: typeKeys, parts: partKeys } = keys;

  // All requests of one turn travel together, so these three and whatever follows from them share their round trips.
  await Promise.all([
    plain.length === 0
      ? undefined
      : checker.getSymbolAtLocation(plain).then((symbols) =>
          Promise.all(
            plain.map(async (node, index) => {
              const key = await symbolKeys.keyOf(symbols[index]);
              if (key) answers.symbols.set(node, key);
            }),
          ),
        ),
    ...taken.map(async (node) => {
      const source = await checker.getTypeAtLocation(node.parent.parent);
      const key = await symbolKeys.keyOf(await source?.getProperty(node.text));
      if (key) answers.symbols.set(node, key);
    }),
    ...shorthands.map(async (node) => {
      const key = await symbolKeys.keyOf(await checker.getShorthandAssignmentValueSymbol(node.parent));
      if (key) answers.symbols.set(node, key);
    }),
    forType.length === 0
      ? undefined
      : checker.getTypeAtLocation(forType).then((types) =>
          Promise.all(
            forType.map(async (node, index) => {
              const key = await typeKeys.keyOf(types[index]);
              if (key) answers.types.set(node, key);
            }),
          ),
        ),
    forParts.length === 0
      ? undefined
      : checker.getTypeAtLocation(forParts).then((types) =>
          Promise.all(
            forParts.map(async (node, index) => {
              answers.partsOf.set(node, await partKeys.partsOf(types[index]));
            }),
          ),
        ),
  ]);
  return answers;
}

/** In `const { spawn } = thread` the name declares a variable; what is asked for is the property that it takes. */
function isTakenProperty(node: Node): node is Identifier {
  if (!isIdentifier(node) || node.parent?.kind !== SyntaxKind.BindingElement) return false;
  const { name, propertyName, dotDotDotToken, parent } = node.parent as BindingElement;
  if (name !== node || propertyName !== undefined || dotDotDotToken !== undefined) return false;
  return parent.kind === SyntaxKind.ObjectBindingPattern;
}

/** In `{ handle }` the name is a property too; what it refers to is the variable. */
function isShorthand(node: Node): boolean {
  return isIdentifier(node) && node.parent?.kind === SyntaxKind.ShorthandPropertyAssignment;
}

async function ownImports(project: Project, tree: SourceFile, packages: Packages): Promise<readonly string[]> {
  const specifiers = tree.imports.filter(isStringLiteralLikeNode);
  const modules = await Promise.all(
    specifiers.map((specifier) => project.program.getResolvedModuleFromModuleSpecifier(specifier, tree.fileName)),
  );
  const files = modules
    .map((module) => module?.resolvedFileName)
    .filter((file) => file !== undefined)
    .map((file): string => file);
  const own = files.filter((file) => !isDeclarationFile(file) && packages.packageOf(file, tree.fileName) === undefined);
  return [...new Set(own)];
}
