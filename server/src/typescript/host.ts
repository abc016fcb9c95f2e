/** Programs over the files of a workspace: the texts being edited laid over what is on disk. */
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { CreateSnapshotParams, Snapshot as NativeSnapshot } from "typescript/async";
import { type Compiler, type CompilerOptions, createCompiler, type Session } from "./compiler/compiler.js";
import { findExecutable } from "./compiler/executable.js";
import { CompilerUnavailable } from "./compiler/unavailable.js";
import { createPackages } from "./keys/packages.js";
import { isDeclarationFile, isSourceFile, normalizePath } from "./paths.js";
import { type CheckedSnapshot, createSnapshot, type SharedCaches } from "./snapshot.js";

/** What happened since the last snapshot. Every part may be left out. */
export interface Changes {
  /** The text of open editors by path, for new and changed ones. The path need not exist on disk. */
  readonly edited?: ReadonlyMap<string, string>;
  /** Files to look at as they are on disk. */
  readonly opened?: readonly string[];
  /** Editors that were closed, and opened files that are no longer looked at: what is on disk counts again. */
  readonly closed?: readonly string[];
  /** What a file watcher saw. */
  readonly disk?: {
    readonly created?: readonly string[];
    readonly changed?: readonly string[];
    readonly deleted?: readonly string[];
  };
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
  /** The process that answers now, for tests and logs. */
  compilerPid(): Promise<number>;
  close(): Promise<void>;
}

/** A native snapshot that several answers share, and that goes when nobody holds it. */
interface Held {
  readonly native: NativeSnapshot;
  readonly session: Session;
  holders: number;
}

export function createProgramHost(options: CompilerOptions = {}): ProgramHost {
  return new Host(createCompiler(options), options);
}

class Host implements ProgramHost {
  readonly #compiler: Compiler;
  readonly #shared: SharedCaches;
  /** What the open editors show. */
  readonly #edited = new Map<string, string>();
  /** Files to keep open, edited or not. */
  readonly #opened = new Set<string>();
  /** Closed editors' files: a layer lies over each for the rest of the session, so changes on disk are layered too. */
  readonly #layered = new Set<string>();
  /** Texts that cost a compiler its life. They are shown as empty until they change. */
  readonly #poison = new Map<string, string>();
  /** Files that the compiler could not open, until they are edited or something happens to them on disk. */
  readonly #absent = new Set<string>();
  #pending = emptyPending();
  #current: Held | undefined;
  #queue: Promise<unknown> = Promise.resolve();
  #scheduled: Promise<void> | undefined;
  readonly #held = new Set<Held>();

  constructor(compiler: Compiler, options: CompilerOptions) {
    this.#compiler = compiler;
    let libraryFolder = "";
    try {
      libraryFolder = normalizePath(dirname(findExecutable(options.executable)));
    } catch {
      // Said by the first update, which can reject.
    }
    this.#shared = {
      packages: createPackages(libraryFolder),
      declared: new Map(),
      bases: new Map(),
      projectOf: new Map(),
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
    await run;
    const held = this.#current;
    if (!held) throw new CompilerUnavailable("exited", "The TypeScript compiler ended.", { help: "Ask again." });
    return this.#handOut(held);
  }

  async close(): Promise<void> {
    await this.#compiler.close();
    this.#held.clear();
    this.#current = undefined;
  }

  #note(changes: Changes): void {
    // First what was closed: an editor can be closed and opened again between two calls.
    for (const path of changes.closed ?? []) {
      const file = normalizePath(path);
      this.#opened.delete(file);
      if (this.#edited.delete(file)) this.#pending.texts.add(file);
    }
    for (const [path, text] of changes.edited ?? []) {
      const file = normalizePath(path);
      if (this.#edited.get(file) === text) continue;
      this.#edited.set(file, text);
      this.#absent.delete(file);
      this.#pending.texts.add(file);
    }
    for (const path of changes.opened ?? []) {
      const file = normalizePath(path);
      this.#opened.add(file);
      this.#absent.delete(file);
    }
    const { created = [], changed = [], deleted = [] } = changes.disk ?? {};
    for (const path of created) this.#pending.created.add(normalizePath(path));
    for (const path of changed) this.#pending.changed.add(normalizePath(path));
    for (const path of deleted) this.#pending.deleted.add(normalizePath(path));
    const onDisk = [...created, ...changed, ...deleted].map(normalizePath);
    for (const file of onDisk) this.#absent.delete(file);
    for (const file of onDisk) if (this.#layered.has(file) && !this.#edited.has(file)) this.#pending.texts.add(file);
    if (onDisk.some((file) => isDeclarationFile(file) || !isSourceFile(file))) this.#forgetPackages();
    if (created.length > 0 || deleted.length > 0) this.#shared.projectOf.clear();
  }

  #forgetPackages(): void {
    this.#shared.packages.clear();
    this.#shared.declared.clear();
    this.#shared.bases.clear();
    this.#shared.projectOf.clear();
  }

  async #apply(): Promise<void> {
    const session = await this.#compiler.session();
    if (this.#current && this.#current.session !== session) this.#startOver();
    const before = this.#current;
    const pending = this.#pending;
    const wanted = this.#wantedOpen();
    const toOpen = [...wanted].filter((file) => !this.#nativelyOpen.has(file));
    const toClose = [...this.#nativelyOpen].filter((file) => !wanted.has(file));
    if (before && isEmpty(pending) && toOpen.length + toClose.length === 0) return;
    this.#pending = emptyPending();
    try {
      const params = await this.#params(pending, toOpen, toClose, before === undefined);
      const native = await session.ask("update the program", () =>
        before ? before.native.update(params) : session.api.createSnapshot(params),
      );
      this.#nativelyOpen = wanted;
      this.#replace(native, session);
    } catch (error) {
      const absent = unopenable(error);
      if (absent !== undefined && !this.#absent.has(absent)) {
        // One file that is not there must not cost the others their answers.
        this.#absent.add(absent);
        merge(this.#pending, pending);
        return this.#apply();
      }
      merge(this.#pending, pending);
      if (error instanceof CompilerUnavailable && error.reason === "timeout") this.#blame([...pending.texts]);
      throw error;
    }
  }

  #nativelyOpen: ReadonlySet<string> = new Set();

  #wantedOpen(): ReadonlySet<string> {
    const all = [...this.#edited.keys(), ...this.#opened];
    return new Set(all.filter((file) => isSourceFile(file) && !this.#absent.has(file)));
  }

  async #params(pending: Pending, toOpen: string[], toClose: string[], fresh: boolean): Promise<CreateSnapshotParams> {
    const files: Record<string, string> = {};
    const removedPaths: string[] = [];
    for (const file of fresh ? this.#edited.keys() : pending.texts) {
      const text = this.#edited.get(file) ?? (await readText(file));
      if (text === undefined) removedPaths.push(file);
      else files[file] = this.#poison.get(file) === text ? "" : wellFormed(text);
      this.#layered.add(file);
    }
    const { created, changed, deleted } = pending;
    const noted = created.size + changed.size + deleted.size > 0;
    return {
      ensurePrograms: true,
      ...(toOpen.length > 0 && { openFiles: toOpen }),
      ...(toClose.length > 0 && { closeFiles: toClose }),
      ...(Object.keys(files).length + removedPaths.length > 0 && {
        fileSystem: { kind: "layer", files, ...(removedPaths.length > 0 && { removedPaths }) },
      }),
      ...(noted && { fileNotifications: { created: [...created], changed: [...changed], deleted: [...deleted] } }),
    };
  }

  /** The texts that came with the question that hung are not sent again as they are. */
  #blame(files: readonly string[]): void {
    for (const file of files) {
      const text = this.#edited.get(file);
      if (text !== undefined) this.#poison.set(file, text);
    }
  }

  /** The compiler is another one, which knows nothing. */
  #startOver(): void {
    this.#current = undefined;
    this.#held.clear();
    this.#nativelyOpen = new Set();
    this.#layered.clear();
    this.#shared.projectOf.clear();
  }

  #replace(native: NativeSnapshot, session: Session): void {
    const before = this.#current;
    if (before?.native === native) return;
    this.#current = { native, session, holders: 1 };
    this.#held.add(this.#current);
    if (before) this.#letGo(before);
  }

  #letGo(held: Held): Promise<void> {
    held.holders -= 1;
    if (held.holders > 0 || !this.#held.delete(held) || !held.session.alive) return Promise.resolve();
    return held.session.ask("release a snapshot", () => held.native.dispose()).catch(() => {});
  }

  #handOut(held: Held): CheckedSnapshot {
    held.holders += 1;
    return createSnapshot(held.native, held.session, this.#shared, {
      blame: (file) => this.#blame([file]),
      release: () => this.#letGo(held),
    });
  }
}

interface Pending {
  readonly texts: Set<string>;
  readonly created: Set<string>;
  readonly changed: Set<string>;
  readonly deleted: Set<string>;
}

function emptyPending(): Pending {
  return { texts: new Set(), created: new Set(), changed: new Set(), deleted: new Set() };
}

function isEmpty(pending: Pending): boolean {
  return pending.texts.size + pending.created.size + pending.changed.size + pending.deleted.size === 0;
}

function merge(into: Pending, from: Pending): void {
  for (const file of from.texts) into.texts.add(file);
  for (const file of from.created) into.created.add(file);
  for (const file of from.changed) into.changed.add(file);
  for (const file of from.deleted) into.deleted.add(file);
}

async function readText(file: string): Promise<string | undefined> {
  return readFile(file, "utf8").catch(() => undefined);
}

/** Half a surrogate pair cannot be sent. Its replacement has the same length, so that positions stay right. */
function wellFormed(text: string): string {
  return withoutMark(text).replace(/\p{Surrogate}/gu, "\uFFFD");
}

/** The compiler would count a byte order mark in positions, though it leaves it out of the text. */
function withoutMark(text: string): string {
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

function unopenable(error: unknown): string | undefined {
  return error instanceof Error ? /no project found for opened file: (.+)$/.exec(error.message)?.[1] : undefined;
}
