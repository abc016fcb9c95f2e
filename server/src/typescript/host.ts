/** Programs over the files of a workspace: the texts being edited laid over what is on disk. */
import { realpathSync } from "node:fs";
import { dirname } from "node:path";
import type { Snapshot as NativeSnapshot } from "typescript/async";
import type { Changes } from "./changes.js";
import { type Compiler, type CompilerOptions, createCompiler, type Session } from "./compiler/compiler.js";
import { findExecutable } from "./compiler/executable.js";
import { CompilerUnavailable } from "./compiler/unavailable.js";
import { createBasesCache } from "./keys/bases-cache.js";
import { createPackages } from "./keys/packages.js";
import { isDeclarationFile, isSourceFile, normalizePath } from "./paths.js";
import { createPrograms } from "./programs.js";
import { createKeptAnswers, type Moment } from "./reuse/kept-answers.js";
import { type CheckedSnapshot, createSnapshot, type SharedCaches } from "./snapshot.js";
import { type Step, Workspace } from "./workspace.js";

export type { Changes } from "./changes.js";

export interface HostOptions extends CompilerOptions {
  /** Milliseconds that the loading of projects may take, which is more than an edit takes. */
  readonly loadDeadline?: number | undefined;
  /** Characters of the longest text that is looked at. The tree of 5 MB takes many seconds and a gigabyte. */
  readonly maxLength?: number | undefined;
}

export interface ProgramHost {
  /**
   * Applies the changes and returns the project as it is then. Calls are answered in order; changes of calls that
   * come while one is under way are applied together, so that of several edits only the latest costs time.
   *
   * @throws {CompilerUnavailable} when the compiler cannot answer. The changes are kept and applied with the next call.
   */
  update(changes?: Changes): Promise<CheckedSnapshot>;
  /** How many snapshots the compiler keeps for this host. */
  readonly liveSnapshots: number;
  /** The process that answers now, for tests and logs. Starts one where there is none. */
  compilerPid(): Promise<number>;
  close(): Promise<void>;
}

/** A native snapshot that several answers share, and that goes when nobody holds it. */
interface Held {
  readonly native: NativeSnapshot;
  readonly session: Session;
  readonly moment: Moment;
  holders: number;
}

/** After so many files that were opened, their trees are dropped as soon as nobody asks. */
const maxTrees = 256;

/** How often a step is tried that ends with the compiler's death. */
const maxDeaths = 8;

export function createProgramHost(options: HostOptions = {}): ProgramHost {
  return new Host(createCompiler(options), options);
}

class Host implements ProgramHost {
  readonly #compiler: Compiler;
  readonly #loadDeadline: number;
  readonly #shared: SharedCaches;
  readonly #workspace: Workspace;
  readonly #held = new Set<Held>();
  /** Files that were being opened when the compiler died: opened one by one from then on. */
  readonly #suspects = new Set<string>();
  /** How often the compiler died while it was asked about a file, since the file's text changed. */
  readonly #deaths = new Map<string, number>();
  /** How many questions about each file are open. */
  readonly #asked = new Map<string, number>();
  /** Ends of the compiler that nobody can be blamed for: several files were asked about. */
  readonly #unclear = new WeakSet<CompilerUnavailable>();
  /** How many files were opened since trees were dropped. */
  #opens = 0;
  #current: Held | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #scheduled: Promise<Held> | undefined;

  constructor(compiler: Compiler, options: HostOptions) {
    this.#compiler = compiler;
    this.#workspace = new Workspace(options.maxLength ?? 2_000_000);
    this.#loadDeadline = options.loadDeadline ?? 120_000;
    const packages = createPackages(() => normalizePath(dirname(realpathSync(findExecutable(options.executable)))));
    const [declared, bases] = [new Map(), createBasesCache()];
    this.#shared = {
      packages,
      declared,
      bases,
      programs: createPrograms({ packages, declared, bases }),
      projectOf: new Map(),
      answers: createKeptAnswers(),
    };
  }

  get liveSnapshots(): number {
    return this.#held.size;
  }

  async compilerPid(): Promise<number> {
    return (await this.#compiler.session()).pid;
  }

  async update(changes: Changes = {}): Promise<CheckedSnapshot> {
    this.#note(changes);
    // One run for all calls that come before it begins.
    this.#scheduled ??= this.#queue.then(() => {
      this.#scheduled = undefined;
      return this.#apply();
    });
    const run = this.#scheduled;
    this.#queue = run.catch(() => {});
    return this.#handOut(await run);
  }

  async close(): Promise<void> {
    await this.#compiler.close();
    this.#held.clear();
    this.#current = undefined;
  }

  #note(changes: Changes): void {
    const onDisk = this.#workspace.note(changes);
    // A closed editor's text may never have been saved.
    const changed = [...onDisk, ...[...(changes.edited?.keys() ?? []), ...(changes.closed ?? [])].map(normalizePath)];
    for (const file of changed) this.#deaths.delete(file);
    this.#shared.bases.changed(changed);
    this.#shared.answers.changed(changed);
    if (changed.some((file) => isDeclarationFile(file) || !isSourceFile(file))) {
      this.#shared.packages.clear();
      this.#shared.declared.clear();
      this.#shared.bases.clear();
      this.#shared.programs.clear();
      this.#shared.projectOf.clear();
      this.#shared.answers.clear();
    }
    if ((changes.disk?.created?.length ?? 0) + (changes.disk?.deleted?.length ?? 0) > 0) this.#shared.projectOf.clear();
  }

  /** Tells the compiler everything, again where it died of it, until it holds or nothing is left to leave out. */
  async #apply(): Promise<Held> {
    for (let deaths = 0; ; ) {
      const session = await this.#compiler.session();
      const moment = this.#shared.answers.now;
      if (this.#current && this.#current.session !== session) this.#startOver();
      const step = await this.#workspace.next(this.#suspects);
      if (!step) {
        if (this.#current) return this.#current;
        throw new CompilerUnavailable("exited", "The TypeScript compiler ended.", { help: "Ask again." });
      }
      try {
        await this.#take(step, session, moment);
        for (const file of step.opens) this.#suspects.delete(file);
      } catch (error) {
        this.#workspace.failed(step);
        deaths += 1;
        if (!this.#recover(error, step, deaths)) throw error;
      }
    }
  }

  async #take(step: Step, session: Session, moment: Moment): Promise<void> {
    this.#dropTrees(step, session);
    const deadline = this.#current && step.opens.length === 0 ? undefined : this.#loadDeadline;
    for (const params of step.params) {
      const before = this.#current?.native;
      const native = await session.ask(
        "update the program",
        () => (before ? before.update(params) : session.api.createSnapshot(params)),
        deadline,
      );
      this.#replace(native, session, moment);
    }
    this.#workspace.done(step);
  }

  /** The API's client keeps the trees of all files that were asked about, for as long as the compiler lives. */
  #dropTrees(step: Step, session: Session): void {
    this.#opens += step.opens.length;
    const isHeld = [...this.#held].some(({ holders }) => holders > 1) || this.#held.size > 1;
    if (this.#opens < maxTrees || isHeld) return;
    this.#opens = 0;
    session.api.clearSourceFileCache();
  }

  /** What can be left out so that the next attempt goes better. False: nothing, or the caller has waited enough. */
  #recover(error: unknown, step: Step, deaths: number): boolean {
    const absent = unopenable(error);
    if (absent !== undefined) {
      // One file that is not there must not cost the others their answers.
      this.#workspace.leaveOut(absent);
      return true;
    }
    if (!(error instanceof CompilerUnavailable)) return false;
    this.#startOver();
    const timeout = error.reason === "timeout";
    if (!timeout && error.reason !== "exited") return false;
    // The first time it can have been killed by anybody. After that it dies of what it is told.
    if (timeout || deaths > 1) this.#accuse(step, timeout ? "hide" : "leave out");
    return !timeout && deaths <= maxDeaths;
  }

  /** The texts of a step that failed, and its new files: one by one where there are several. */
  #accuse(step: Step, verdict: "hide" | "leave out"): void {
    for (const file of step.pending.texts) this.#workspace.hide(file);
    const [only, ...others] = step.opens;
    if (only === undefined) return;
    if (others.length > 0) for (const file of step.opens) this.#suspects.add(file);
    else if (verdict === "hide") this.#workspace.hide(only);
    else this.#workspace.leaveOut(only);
  }

  #startOver(): void {
    this.#current = undefined;
    this.#held.clear();
    this.#workspace.startOver();
    this.#shared.projectOf.clear();
  }

  #replace(native: NativeSnapshot, session: Session, moment: Moment): void {
    const before = this.#current;
    if (before?.native === native) return;
    this.#current = { native, session, moment, holders: 1 };
    this.#held.add(this.#current);
    if (before) void this.#letGo(before);
  }

  #letGo(held: Held): Promise<void> {
    held.holders -= 1;
    if (held.holders > 0 || !this.#held.delete(held) || !held.session.alive) return Promise.resolve();
    return held.session.ask("release a snapshot", () => held.native.dispose()).catch(() => {});
  }

  #handOut(held: Held): CheckedSnapshot {
    held.holders += 1;
    return createSnapshot(held.native, held.session, this.#shared, {
      omission: (file) => this.#workspace.omission(file),
      nearestConfig: (file) => this.#workspace.nearestConfig(file),
      moment: held.moment,
      asking: (file) => this.#ask(file),
      failed: (file, error) => this.#blame(file, error),
      release: () => this.#letGo(held),
    });
  }

  #ask(file: string): () => void {
    this.#asked.set(file, (this.#asked.get(file) ?? 0) + 1);
    return () => {
      const left = (this.#asked.get(file) ?? 0) - 1;
      if (left > 0) this.#asked.set(file, left);
      else this.#asked.delete(file);
    };
  }

  /**
   * A file that hangs the compiler once, or kills it twice, is hidden from the next one. Of several files that it was
   * asked about at that moment, it can be any.
   */
  #blame(file: string, error: CompilerUnavailable): void {
    if (this.#asked.size > 1) this.#unclear.add(error);
    if (this.#unclear.has(error)) return;
    const deaths = (this.#deaths.get(file) ?? 0) + 1;
    this.#deaths.set(file, deaths);
    if (error.reason === "timeout" || (error.reason === "exited" && deaths > 1)) this.#workspace.hide(file);
  }
}

function unopenable(error: unknown): string | undefined {
  return error instanceof Error ? /no project found for opened file: (.+)$/.exec(error.message)?.[1] : undefined;
}
