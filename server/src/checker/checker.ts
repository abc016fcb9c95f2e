/**
 * The analysis over a living project: texts being edited and files on disk in, findings out. What the editor and the
 * command line share.
 */
import type { FileReport, RuleLevels, Session } from "../analysis/analyse.js";
import type { Module } from "../analysis/mir/mir.js";
import { builtInModels } from "../analysis/models/all.js";
import type { Models } from "../analysis/models/model.js";
import type { Snapshot } from "../analysis/program/program.js";
import { CompilerUnavailable } from "../typescript/compiler/unavailable.js";
import type { Changes, ProgramHost } from "../typescript/host.js";
import type { IdentifierAnswer } from "../typescript/identifier-at.js";
import { remember } from "../typescript/memo.js";
import { createRelevance } from "../typescript/relevance.js";
import { createImportGraph, type ImportGraph } from "./import-graph.js";
import { createNeighbours } from "./neighbours.js";
import { createTurns } from "./turns.js";

export interface DiskChanges {
  readonly created?: readonly string[];
  readonly changed?: readonly string[];
  readonly deleted?: readonly string[];
}

/** What the checker is doing, for a status item. */
export type CheckerState =
  | { readonly kind: "idle" }
  | { readonly kind: "busy" }
  /** The compiler is gone and another one is being started. */
  | { readonly kind: "restarting"; readonly reason: string }
  /** The compiler cannot be had. */
  | { readonly kind: "failed"; readonly reason: string };

export interface CheckerOptions {
  /** The folder for files that belong to no project. */
  readonly cwd: string;
  readonly log?: (message: string) => void;
  readonly onState?: (state: CheckerState) => void;
}

/** How a file is to be checked. */
export interface CheckSettings {
  readonly rules: RuleLevels;
  /** Files with the same models are analysed together, so use one object for the same ones. */
  readonly models: Models;
}

export interface CheckedReport extends FileReport {
  /** Why the file was not looked at though it uses threads, as a sentence. */
  readonly omission: string | undefined;
  /** The files whose text went into the findings, beside what the compiler read for their types. */
  readonly reads: readonly string[];
}

/** Paths are absolute, with forward slashes. */
export interface Checker {
  /** The text of an open editor, new or changed. The file need not exist on disk. */
  edit(file: string, text: string): void;
  /**
   * Files to look at next as they are on disk, in place of those before: together, so that their projects are loaded
   * once. A few dozen at a time; opening hundreds in one step takes the compiler longer than in several.
   */
  look(files: readonly string[]): void;
  /** An editor was closed: what is on disk counts again. */
  close(file: string): void;
  /** What a file watcher saw. */
  diskChanged(changes: DiskChanges): void;
  /**
   * Findings of one file as it is now.
   *
   * @throws {CompilerUnavailable} where the compiler died twice in a row or cannot be started.
   */
  check(file: string, settings: CheckSettings): Promise<CheckedReport>;
  /** What the name at an offset refers to. Undefined where there is no name or nothing is known of it. */
  symbolAt(file: string, offset: number): Promise<IdentifierAnswer | undefined>;
  lower(file: string): Promise<Module | undefined>;
  /** Whether the file has anything to do with threads; costs next to nothing. */
  relevant(file: string, models: Models): Promise<boolean>;
  /** Whether the file itself imports something that has to do with threads. */
  namesThreads(file: string, models: Models): boolean;
  /** Which file imports which, as far as texts tell. */
  readonly imports: ImportGraph;
  /** The files themselves, and those of the project that import one of them, directly or through others; in order of path. */
  importersOf(files: readonly string[]): readonly string[];
  dispose(): Promise<void>;
}

export function createChecker(options: CheckerOptions): Checker {
  const { log = () => {}, onState = () => {} } = options;
  // Loaded when something is asked: where no file uses threads, reading the files is all that it takes.
  let host: Promise<ProgramHost> | undefined;
  let analysis: Promise<typeof import("./analysis.js")> | undefined;
  let disposed = false;
  const loadHost = (): Promise<ProgramHost> => {
    host ??= import("../typescript/host.js").then(async ({ createProgramHost }) => {
      const created = createProgramHost({ cwd: options.cwd, log });
      if (disposed) await created.close();
      return created;
    });
    return host;
  };
  const loadAnalysis = (): Promise<typeof import("./analysis.js")> => {
    analysis ??= loadHost().then(async (created) => {
      await startLoading(created);
      return import("./analysis.js");
    });
    return analysis;
  };
  /** The compiler loads the project while the analysis is loaded here. What fails now fails again for who asks. */
  const startLoading = async (created: ProgramHost): Promise<void> => {
    try {
      await created.compilerPid();
    } catch {
      return;
    }
    created.update(takePending()).then(
      (snapshot) => snapshot.dispose(),
      () => {},
    );
  };
  const relevance = createRelevance();
  const sessions = new Map<Models, Session>();
  const neighbours = createNeighbours(relevance);
  const sessionFor = async (models: Models): Promise<Session> => {
    const { createSession } = await loadAnalysis();
    return remember(sessions, models, () => createSession({ models, texts: relevance, neighbours: neighbours.find }));
  };
  const invalidate = (file: string): void => {
    for (const session of sessions.values()) session.invalidate(file);
  };
  let pending = emptyChanges();
  const takePending = (): Changes => {
    const taken = pending;
    pending = emptyChanges();
    return taken;
  };
  let looked: readonly string[] = [];
  /** Files that are open because others are looked at. */
  const beside = new Set<string>();
  let asking = 0;
  const turns = createTurns();

  /**
   * Asks with the changes so far; once more where the compiler died meanwhile, and then alone, so that it shows which of
   * several files it dies of.
   */
  async function withSnapshot<T>(
    session: Session,
    question: (snapshot: Snapshot, revision: number) => Promise<T>,
  ): Promise<T> {
    if (asking++ === 0) onState({ kind: "busy" });
    try {
      return await turns
        .together(() => attempt(session, question))
        .catch((error: unknown) => {
          if (!(error instanceof CompilerUnavailable) || !error.retryable) throw error;
          onState({ kind: "restarting", reason: error.message });
          return turns.alone(() => attempt(session, question));
        });
    } catch (error) {
      if (error instanceof CompilerUnavailable && error.reason !== "closed") {
        onState({ kind: "failed", reason: error.message });
      }
      throw error;
    } finally {
      if (--asking === 0) onState({ kind: "idle" });
    }
  }

  async function attempt<T>(
    session: Session,
    question: (snapshot: Snapshot, revision: number) => Promise<T>,
  ): Promise<T> {
    const program = await loadHost();
    // Nothing may come between these: a change that is taken is told, and one that is not taken makes a new revision.
    const { revision } = session;
    const snapshot = await program.update(takePending());
    try {
      return await question(snapshot, revision);
    } finally {
      // Nobody waits for it: the answer is there, and a compiler that dies meanwhile has forgotten the snapshot anyway.
      snapshot.dispose().catch((error: unknown) => log(`a snapshot was not disposed of: ${String(error)}`));
    }
  }

  return {
    edit(file, text) {
      pending.edited.set(file, text);
      invalidate(file);
      relevance.edit(file, text);
      pending.opened.push(...relevance.workers(file));
      neighbours.edited(file);
    },
    look(files) {
      pending.closed.push(...looked);
      // The file of a worker is read with the one that starts it, and may be in no project.
      looked = [...new Set([...files, ...files.flatMap(relevance.workers)])];
      pending.opened.push(...looked);
    },
    close(file) {
      pending.edited.delete(file);
      pending.closed.push(file);
      invalidate(file);
      relevance.close(file);
      neighbours.edited(file);
    },
    diskChanged(changes) {
      for (const kind of ["created", "changed", "deleted"] as const) {
        for (const file of changes[kind] ?? []) {
          pending.disk[kind].push(file);
          invalidate(file);
        }
      }
      relevance.diskChanged([...(changes.created ?? []), ...(changes.changed ?? []), ...(changes.deleted ?? [])]);
      neighbours.diskChanged();
    },
    async check(file, { rules, models }) {
      if (!(await relevance.relevant(file, models.packages))) return unchecked(file);
      const session = await sessionFor(models);
      const analyse = (): Promise<CheckedReport> =>
        withSnapshot(session, async (snapshot, revision) => {
          const { recorded, reads } = recordReads(snapshot);
          const report = await session.analyse(recorded, file, rules, revision);
          return { ...report, omission: report.checked ? undefined : snapshot.omission(file), reads: [...reads] };
        });
      const report = await analyse();
      const missing = (report.missing ?? []).filter((one) => !beside.has(one));
      if (missing.length === 0) return report;
      // Files of no project, or of another one, are loaded when they are opened.
      for (const one of missing) beside.add(one);
      pending.opened.push(...missing);
      return analyse();
    },
    async symbolAt(file, offset) {
      if (!(await relevance.relevant(file, builtInModels.packages))) return undefined;
      const { identifierAt } = await loadAnalysis();
      return withSnapshot(await sessionFor(builtInModels), (snapshot) => identifierAt(snapshot, file, offset));
    },
    async lower(file) {
      const session = await sessionFor(builtInModels);
      return withSnapshot(session, (snapshot, revision) => session.lower(snapshot, file, revision));
    },
    relevant: (file, models) => relevance.relevant(file, models.packages),
    namesThreads: (file, models) => relevance.imports(file, models.packages).some(({ threads }) => threads),
    imports: createImportGraph(relevance),
    importersOf: (files) => [...neighbours.find(files).importers.keys()],
    async dispose() {
      disposed = true;
      await (await host)?.close();
    },
  };
}

/** The report of a file that there is nothing to say about. */
export function unchecked(file: string): CheckedReport {
  return { file, checked: false, diagnostics: [], failures: [], omission: undefined, reads: [] };
}

/** A snapshot that notes whose trees it is asked for. */
function recordReads(snapshot: Snapshot): { readonly recorded: Snapshot; readonly reads: ReadonlySet<string> } {
  const reads = new Set<string>();
  const tree: Snapshot["tree"] = (file) => {
    reads.add(file);
    return snapshot.tree(file);
  };
  return { recorded: { ...snapshot, tree }, reads };
}

/** Changes as they gather between two questions. */
interface Gathered extends Changes {
  readonly edited: Map<string, string>;
  readonly opened: string[];
  readonly closed: string[];
  readonly disk: { readonly created: string[]; readonly changed: string[]; readonly deleted: string[] };
}

function emptyChanges(): Gathered {
  return { edited: new Map(), opened: [], closed: [], disk: { created: [], changed: [], deleted: [] } };
}
