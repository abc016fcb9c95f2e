/** The project's files in the middle form: made when they are asked for, kept while nothing they depend on changes. */
import { startLowering } from "./mir/lower.js";
import type { Module } from "./mir/mir.js";
import type { Models } from "./models/model.js";
import type { Snapshot } from "./program/program.js";
import type { Texts } from "./program/texts.js";
import { createReach } from "./reach/reach.js";
import { type CalledFunction, calledFunctions, handedFiles } from "./summaries/called-files.js";
import { loadStarted, workerStarts } from "./workers/started.js";

export interface ModuleStore {
  /** Whether the file has anything to do with threads. */
  concerns(snapshot: Snapshot, file: string): Promise<boolean>;
  /** @param revision When the snapshot was made: of an older one nothing is kept. */
  load(snapshot: Snapshot, file: string, revision: number): Promise<Module | undefined>;
  /** `module` and the project's files whose functions it calls, directly or through each other, by path. */
  loadCalled(snapshot: Snapshot, module: Module, revision: number): Promise<ReadonlyMap<string, Module>>;
  /** How often a text changed. */
  revision(): number;
  /** A file's text is another one from now on. */
  invalidate(file: string): void;
}

export interface ModuleStoreOptions {
  readonly models: Models;
  readonly texts: Texts | undefined;
  /** What else is kept of a file whose module goes. */
  readonly onEvict: (file: string) => void;
}

type Tree = NonNullable<Awaited<ReturnType<Snapshot["tree"]>>>;

interface Lowered {
  /** Compared by identity: the same tree means the same text. */
  readonly tree: object;
  readonly module: Module;
}

/** So many are kept, those that were asked for last: a check goes through thousands of files, most of them once. */
const maxModules = 256;

/** Files that one analysis reads at most beside its own: a bound for projects whose files all call each other. */
const maxCalledFiles = 200;

export function createModuleStore({ texts, models, onEvict }: ModuleStoreOptions): ModuleStore {
  /** In the order in which they were asked for last. */
  const lowered = new Map<string, Lowered>();
  /** For each file, the files whose answers went into what is kept of it. */
  const dependencies = new Map<string, ReadonlySet<string>>();

  const reach = texts && createReach(texts, models.packages);

  const concerns = async (snapshot: Snapshot, file: string): Promise<boolean> =>
    reach === undefined || (await reach.concerns(snapshot, file));

  /** Whether a function is looked into where it is called: for what it does with threads, and for how it may end. */
  const matters = async (snapshot: Snapshot, { file, name, plainly, threaded }: CalledFunction): Promise<boolean> =>
    reach === undefined ||
    threaded ||
    (plainly ? await reach.leads(snapshot, file, name) : await reach.relevant(file)) ||
    (await reach.throws(snapshot, file, name));

  let changes = 0;
  /** Files that are being lowered: several that are analysed at the same time may call the same one. */
  const running = new Map<object, { readonly revision: number; readonly module: Promise<Module> }>();

  async function load(snapshot: Snapshot, file: string, revision: number): Promise<Module | undefined> {
    const tree = await snapshot.tree(file);
    if (tree === undefined) return undefined;
    const kept = lowered.get(file);
    if (kept !== undefined && kept.tree === tree) {
      keep(file, kept);
      return kept.module;
    }
    const known = running.get(tree);
    if (known?.revision === revision) return known.module;
    const module = lower(snapshot, file, tree, revision);
    running.set(tree, { revision, module });
    return module.finally(() => running.delete(tree));
  }

  function keep(file: string, module: Lowered): void {
    lowered.delete(file);
    lowered.set(file, module);
    for (const oldest of lowered.keys()) {
      if (lowered.size <= maxModules) return;
      lowered.delete(oldest);
      onEvict(oldest);
    }
  }

  async function lower(snapshot: Snapshot, file: string, tree: Tree, revision: number): Promise<Module> {
    const lowering = startLowering(file, tree, models.senders);
    // Asked together, they share their round trips to the compiler.
    const [answers, imports] = await Promise.all([snapshot.resolve(file, lowering.questions), snapshot.imports(file)]);
    const lowered = lowering.finish(answers);
    const built = workerStarts(lowered, models).length > 0 ? await snapshot.built(file) : undefined;
    const module = built === undefined ? lowered : { ...lowered, built };
    // An unchanged file keeps its tree, so what an outdated snapshot says of its names would be taken for the truth later.
    if (revision !== changes) return module;
    keep(file, { tree, module });
    dependencies.set(file, new Set(imports));
    return module;
  }

  async function loadCalled(
    snapshot: Snapshot,
    module: Module,
    revision: number,
  ): Promise<ReadonlyMap<string, Module>> {
    const modules = new Map([[module.file, module]]);
    // A function that runs on a thread is looked into even where its file knows nothing of threads.
    for (const file of handedFiles(module, models.packages)) {
      const handed = await load(snapshot, file, revision);
      if (handed !== undefined) modules.set(file, handed);
    }
    // The file of a worker is the other half of what is said to it.
    await loadStarted(module, models, modules, (file) => load(snapshot, file, revision));
    const waiting = [...calledFunctions(module, models.packages)];
    const met = new Set([module.file]);
    for (let next = waiting.pop(); next !== undefined && modules.size < maxCalledFiles; next = waiting.pop()) {
      if (met.has(next.file) || !(await matters(snapshot, next))) continue;
      met.add(next.file);
      const callee = modules.get(next.file) ?? (await load(snapshot, next.file, revision));
      if (callee === undefined) continue;
      modules.set(next.file, callee);
      waiting.push(...calledFunctions(callee, models.packages));
    }
    return modules;
  }

  /** Types and symbols in a file can come from any file it imports, so those that import `file` go too. */
  function invalidate(file: string): void {
    changes++;
    reach?.forget();
    const stale = [file];
    const dropped = new Set(stale);
    for (let next = stale.pop(); next !== undefined; next = stale.pop()) {
      lowered.delete(next);
      for (const [dependent, imports] of dependencies) {
        if (!imports.has(next) || dropped.has(dependent)) continue;
        dropped.add(dependent);
        stale.push(dependent);
      }
    }
    for (const gone of dropped) dependencies.delete(gone);
  }

  return { concerns, load, loadCalled, invalidate, revision: () => changes };
}
