/**
 * The one entrance to the analysis: a snapshot and a file in, findings out.
 *
 * A session keeps what one edit need not compute again. It holds no snapshot.
 */
import { catalogue } from "./catalogue.js";
import type { Diagnostic, Severity } from "./diagnostic.js";
import type { Facts } from "./facts.js";
import type { Module } from "./mir/mir.js";
import { type WrittenText, writtenTexts } from "./mir/written-text.js";
import { builtInModels } from "./models/all.js";
import type { Models } from "./models/model.js";
import { createModuleStore } from "./modules.js";
import { createNeighbourhoods, type FindNeighbours, type Neighbourhood } from "./neighbourhood.js";
import { analyseOwnership, type Ownership, type OwnershipMemory } from "./ownership/ownership.js";
import type { Snapshot } from "./program/program.js";
import type { Texts } from "./program/texts.js";
import type { Rule } from "./rules/rule.js";
import { applySuppressions } from "./suppress.js";

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

/** Makes a session. Sessions share nothing; one per project is the intended use. */
export function createSession(options: SessionOptions = {}): Session {
  const { models = builtInModels, rules = catalogue } = options;
  const memories = new Map<string, OwnershipMemory>();
  const store = createModuleStore({ models, texts: options.texts, onEvict: (file) => memories.delete(file) });
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
