/**
 * The one entrance to the analysis: a snapshot and a file in, findings out.
 *
 * A session keeps what one edit need not compute again. It holds no snapshot.
 */
import { catalogue } from "./catalogue.js";
import type { Diagnostic, Severity } from "./diagnostic.js";
import type { Facts } from "./facts.js";
import { startLowering } from "./mir/lower.js";
import type { Module } from "./mir/mir.js";
import { type WrittenText, writtenTexts } from "./mir/written-text.js";
import { builtInModels } from "./models/all.js";
import type { Models } from "./models/model.js";
import { createNeighbourhoods, type FindNeighbours, type Neighbourhood } from "./neighbourhood.js";
import { analyseOwnership, type Ownership, type OwnershipMemory } from "./ownership/ownership.js";
import type { Snapshot } from "./program/program.js";
import type { Texts } from "./program/texts.js";
import { createReach } from "./reach/reach.js";
import type { Rule } from "./rules/rule.js";
import { type CalledFunction, calledFunctions, handedFiles } from "./summaries/called-files.js";
import { applySuppressions } from "./suppress.js";
import { loadStarted } from "./workers/started.js";

/** What the user set a rule to. Rules that are not named have their default. */
export type RuleLevels = Readonly<Record<string, Severity | "off">>;

export interface FileReport {
  readonly file: string;
  /** False where the cheap filter saw that the file has nothing to do with threads. */
  readonly checked: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Rules that threw. Their findings are missing; the other rules' are here. */
  readonly failures: readonly { readonly rule: string; readonly error: Error }[];
  /** Where no comment can be put on a line of its own; only said where there are findings. */
  readonly writtenTexts?: readonly WrittenText[];
  /** Files whose importers had a say in the findings, whether the file imports them or not. */
  readonly around?: readonly string[];
  /** Those of them that the compiler has not been told of, so that they could not be looked into. */
  readonly missing?: readonly string[];
}

export interface Session {
  /** How often a text changed. Whoever makes a snapshot reads it before, and gives it with the questions about it. */
  readonly revision: number;
  /**
   * Findings of one file, in order of position. Returns an empty, unchecked report for a file without a tree.
   *
   * @param revision When the snapshot was made; now, if left out. Of an older one nothing is kept.
   */
  analyse(snapshot: Snapshot, file: string, levels: RuleLevels, revision?: number): Promise<FileReport>;
  /** The lowered file, for the `dump` command. */
  lower(snapshot: Snapshot, file: string, revision?: number): Promise<Module | undefined>;
  /** Tells the session that a file's text is another one from now on. */
  invalidate(file: string): void;
}

export interface SessionOptions {
  /**
   * What is known from texts alone: a file that can have nothing to do with threads is neither parsed nor asked about.
   * Without them every file is looked at.
   */
  readonly texts?: Texts;
  /** Who imports whom. Without it, nothing is found that takes files which do not call each other. */
  readonly neighbours?: FindNeighbours;
  /** Default: the models that are built in. */
  readonly models?: Models;
  /** Default: the whole catalogue. */
  readonly rules?: readonly Rule[];
}

type Tree = NonNullable<Awaited<ReturnType<Snapshot["tree"]>>>;

interface Lowered {
  /** Compared by identity: the same tree means the same text. */
  readonly tree: object;
  readonly module: Module;
}

/** Files that one analysis reads at most beside its own: a bound for projects whose files all call each other. */
const maxCalledFiles = 200;

/** Makes a session. Sessions share nothing; one per project is the intended use. */
export function createSession(options: SessionOptions = {}): Session {
  const { models = builtInModels, rules = catalogue } = options;
  const store = createModuleStore(options);
  const memories = new Map<string, OwnershipMemory>();
  const neighbourhoods = createNeighbourhoods({ ...store, models, find: options.neighbours });

  const memoryOf = (file: string): OwnershipMemory => {
    const known = memories.get(file) ?? { last: undefined };
    memories.set(file, known);
    return known;
  };

  async function analyse(
    snapshot: Snapshot,
    file: string,
    levels: RuleLevels,
    revision = store.revision(),
  ): Promise<FileReport> {
    const unchecked = { file, checked: false, diagnostics: [], failures: [] };
    if (!(await store.concerns(snapshot, file))) return unchecked;
    const module = await store.load(snapshot, file, revision);
    if (module === undefined) return unchecked;
    const called = await store.loadCalled(snapshot, module, revision);
    let neighbourhood: Neighbourhood | undefined;
    const facts = { ...createFacts(module, models, called, memoryOf(file)), neighbourhood: () => neighbourhood };
    const around = filesAround(facts, rules, levels);
    if (around.length > 0) neighbourhood = await neighbourhoods.around(snapshot, around, revision);
    const found = runRules(facts, rules, levels);
    const tree = found.diagnostics.length > 0 ? await snapshot.tree(file) : undefined;
    return {
      file,
      checked: true,
      ...found,
      ...(tree && { writtenTexts: writtenTexts(tree) }),
      ...(neighbourhood && { around, missing: neighbourhood.missing }),
    };
  }

  return {
    get revision() {
      return store.revision();
    },
    analyse,
    lower: (snapshot, file, revision = store.revision()) => store.load(snapshot, file, revision),
    invalidate: store.invalidate,
  };
}

function createFacts(
  module: Module,
  models: Models,
  called: ReadonlyMap<string, Module>,
  memory: OwnershipMemory,
): Omit<Facts, "neighbourhood"> {
  let ownership: Ownership | undefined;
  return {
    file: module.file,
    module,
    models,
    modules: called,
    ownership: () => {
      ownership ??= analyseOwnership(module, models, called, memory);
      return ownership;
    },
  };
}

/** The files whose importers rules want to look into. One that throws here throws again when it runs, and is told of then. */
function filesAround(facts: Facts, rules: readonly Rule[], levels: RuleLevels): readonly string[] {
  const wanted = rules.flatMap((rule) => {
    if (rule.around === undefined || (levels[rule.name] ?? rule.severity) === "off") return [];
    try {
      return rule.around(facts);
    } catch {
      return [];
    }
  });
  return [...new Set(wanted)].sort();
}

/** Runs each rule by itself, so that one that throws costs only its own findings. */
function runRules(
  facts: Facts,
  rules: readonly Rule[],
  levels: RuleLevels,
): Pick<FileReport, "diagnostics" | "failures"> {
  const findings: Diagnostic[] = [];
  const failures: { rule: string; error: Error }[] = [];
  const ran = new Set<string>();
  for (const rule of rules) {
    const severity = levels[rule.name] ?? rule.severity;
    if (severity === "off") continue;
    try {
      for (const finding of rule.check(facts)) findings.push({ rule: rule.name, severity, ...finding });
      ran.add(rule.name);
    } catch (error) {
      failures.push({ rule: rule.name, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  const known = new Set(rules.map((rule) => rule.name));
  const { file } = facts;
  const diagnostics = applySuppressions({ file, text: facts.module.text, findings, ran, known, levels });
  return { diagnostics: inOrder(diagnostics), failures };
}

/** Sorted by position, then rule; the same finding twice is one. */
function inOrder(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return diagnostics
    .filter(({ rule, location, message }) => {
      const key = `${rule}:${location.file}:${location.start}:${location.end}:${message}`;
      return !seen.has(key) && seen.add(key);
    })
    .sort(
      (a, b) =>
        a.location.start - b.location.start ||
        a.location.end - b.location.end ||
        a.rule.localeCompare(b.rule) ||
        a.message.localeCompare(b.message),
    );
}

interface ModuleStore {
  /** Whether the file has anything to do with threads. */
  concerns(snapshot: Snapshot, file: string): Promise<boolean>;
  load(snapshot: Snapshot, file: string, revision: number): Promise<Module | undefined>;
  /** `module` and the project's files whose functions it calls, directly or through each other, by path. */
  loadCalled(snapshot: Snapshot, module: Module, revision: number): Promise<ReadonlyMap<string, Module>>;
  revision(): number;
  invalidate(file: string): void;
}

function createModuleStore({ texts, models = builtInModels }: SessionOptions): ModuleStore {
  const lowered = new Map<string, Lowered>();
  /** For each file, the files whose answers went into what is kept of it. */
  const dependencies = new Map<string, ReadonlySet<string>>();

  const reach = texts && createReach(texts, models.packages);

  const concerns = async (snapshot: Snapshot, file: string): Promise<boolean> =>
    reach === undefined || (await reach.concerns(snapshot, file));

  /** Whether a function is looked into where it is called: for what it does with threads, and for how it may end. */
  const matters = async (snapshot: Snapshot, { file, name, plainly }: CalledFunction): Promise<boolean> =>
    reach === undefined ||
    (plainly ? await reach.leads(snapshot, file, name) : await reach.relevant(file)) ||
    (await reach.throws(snapshot, file, name));

  let changes = 0;
  /** Files that are being lowered: several that are analysed at the same time may call the same one. */
  const running = new Map<object, { readonly revision: number; readonly module: Promise<Module> }>();

  async function load(snapshot: Snapshot, file: string, revision: number): Promise<Module | undefined> {
    const tree = await snapshot.tree(file);
    if (tree === undefined) return undefined;
    const kept = lowered.get(file);
    if (kept !== undefined && kept.tree === tree) return kept.module;
    const known = running.get(tree);
    if (known?.revision === revision) return known.module;
    const module = lower(snapshot, file, tree, revision);
    running.set(tree, { revision, module });
    return module.finally(() => running.delete(tree));
  }

  async function lower(snapshot: Snapshot, file: string, tree: Tree, revision: number): Promise<Module> {
    const lowering = startLowering(file, tree, models.senders);
    // Asked together, they share their round trips to the compiler.
    const [answers, imports] = await Promise.all([snapshot.resolve(file, lowering.questions), snapshot.imports(file)]);
    const module = lowering.finish(answers);
    // An unchanged file keeps its tree, so what an outdated snapshot says of its names would be taken for the truth later.
    if (revision !== changes) return module;
    lowered.set(file, { tree, module });
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
    const waiting = [...calledFunctions(module)];
    const met = new Set([module.file]);
    for (let next = waiting.pop(); next !== undefined && modules.size < maxCalledFiles; next = waiting.pop()) {
      if (met.has(next.file) || !(await matters(snapshot, next))) continue;
      met.add(next.file);
      const callee = modules.get(next.file) ?? (await load(snapshot, next.file, revision));
      if (callee === undefined) continue;
      modules.set(next.file, callee);
      waiting.push(...calledFunctions(callee));
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
