/**
 * Lost wake-ups: a thread sleeps on a word of shared memory until it is another one, and whoever wakes it never makes it
 * another one. If the notification comes first, the sleeper never wakes.
 *
 * Source: https://tc39.es/ecma262/#sec-atomics.wait: the word is compared before the thread sleeps, and nothing is kept of
 * a notification that finds nobody asleep.
 */
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Call, LocalId, Module, Operand, Place, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { numberOf } from "../../threads/constants.js";
import { shortText } from "../../threads/naming.js";
import { reachableFrom } from "../../threads/reach.js";
import { sceneOf } from "../../threads/scene.js";
import { type ThreadStart, threadStarts } from "../../threads/starts.js";
import { bodyOf, type CallSite, indexModule, type Point, type Use } from "../../threads/walk.js";
import type { Report } from "../rule.js";

/** Everything that a file does with one piece of shared memory. */
interface Cells {
  readonly waits: CallSite[];
  readonly notifies: CallSite[];
  readonly changes: Change[];
}

interface Change {
  readonly at: Point;
  /** Which word; undefined where that is not known. */
  readonly index: number | undefined;
  /** What the word is set to, where that is known. */
  readonly value: number | undefined;
}

export function lostWakeUps(facts: Facts): readonly Report[] {
  const { module } = facts;
  const starts = threadStarts(sceneOf(facts));
  return indexModule(module).calls.flatMap(({ call, step }) => {
    if (call.form !== "new" || call.symbol?.name !== "SharedArrayBuffer") return [];
    if (step.to.path.length > 0) return [];
    const cells = usesOf(facts, namesOf(facts, step.to.base, starts), starts);
    return cells === undefined ? [] : cells.waits.flatMap((wait) => judge(module, wait, cells) ?? []);
  });
}

/** The locals that hold the memory or a view of it, in whichever function of the file. */
function namesOf(facts: Facts, root: LocalId, starts: readonly ThreadStart[]): ReadonlySet<LocalId> {
  const names = new Set([root]);
  for (let before = 0; before < names.size; ) {
    before = names.size;
    for (const { blocks } of facts.module.bodies) {
      for (const { steps } of blocks) {
        for (const step of steps) {
          const named = namedBy(facts, names, step);
          if (named !== undefined) names.add(named);
        }
      }
    }
    for (const { param } of given(facts.module, names, starts)) names.add(param);
  }
  return names;
}

/** The local that a step makes another name of the memory, or a view of it. */
function namedBy({ module, models }: Facts, names: ReadonlySet<LocalId>, step: Step): LocalId | undefined {
  if (step.kind !== "assign" || step.to.path.length > 0) return undefined;
  const { value, to } = step;
  if (value.kind === "use") return isWhole(names, value.operand) ? to.base : undefined;
  const [first] = value.kind === "call" ? value.args : [];
  if (value.kind !== "call" || first === undefined || !isWhole(names, first.value)) return undefined;
  return roleOf(module, models, value)?.kind === "overlay" ? to.base : undefined;
}

/** The memory, or a view of it, as a whole: `cell`, `cell.buffer`. */
function isWhole(names: ReadonlySet<LocalId>, operand: Operand): boolean {
  if (operand.kind !== "place" || !names.has(operand.place.base)) return false;
  const [step, ...rest] = operand.place.path;
  return step === undefined || (rest.length === 0 && step.kind === "field" && step.name === "buffer");
}

/** The parameters of threads' functions in this file that the memory arrives in, and the calls of `move` that give it. */
function given(
  module: Module,
  names: ReadonlySet<LocalId>,
  starts: readonly ThreadStart[],
): readonly { readonly param: LocalId; readonly move: Call }[] {
  return starts.flatMap(({ closure, move, moved }) => {
    if (closure.module !== module || move === undefined) return [];
    return (moved ?? []).flatMap(({ argument, param }) =>
      param !== undefined && isWhole(names, argument.value) ? [{ param: param.arrives, move }] : [],
    );
  });
}

/** Undefined where something happens to the memory that is not in sight. */
function usesOf(facts: Facts, names: ReadonlySet<LocalId>, starts: readonly ThreadStart[]): Cells | undefined {
  const { module } = facts;
  const moves = given(module, names, starts).map(({ move }) => move);
  const cells: Cells = { waits: [], notifies: [], changes: [] };
  for (const name of names) {
    if (module.locals[name]?.exported || module.locals[name]?.reassigned) return undefined;
    for (const use of indexModule(module).uses.get(name) ?? []) {
      if (!noteUse(facts, names, use, moves, cells)) return undefined;
    }
  }
  return cells;
}

function noteUse(facts: Facts, names: ReadonlySet<LocalId>, use: Use, moves: readonly Call[], cells: Cells): boolean {
  const { step, place, access, at } = use;
  if (step === undefined) return false;
  const [first] = place.path;
  if (access !== "read") {
    const isDeclared = place.path.length === 0 && step.kind === "assign";
    if (!isDeclared) cells.changes.push({ at, ...writtenBy(facts.module, place, step) });
    return true;
  }
  if (first?.kind === "index") return true;
  if (first?.kind === "field" && first.name !== "buffer") return /^(?:byteLength|length|byteOffset)$/.test(first.name);
  if (namedBy(facts, names, step) !== undefined) return true;
  if (step.kind !== "assign" || step.value.kind !== "call") return false;
  const call = step.value;
  if (moves.includes(call)) return true;
  const role = roleOf(facts.module, facts.models, call);
  const site: CallSite = { at, call, step };
  const index = call.args[1] === undefined ? undefined : numberOf(facts.module, call.args[1].value);
  if (role?.kind === "wait" && role.until === "cell") cells.waits.push(site);
  else if (role?.kind !== "cell") return false;
  else if (role.does === "notify") cells.notifies.push(site);
  else if (role.does !== "read") cells.changes.push({ at, index, value: storedBy(facts.module, call) });
  return true;
}

/** `cell[0] = 1` */
function writtenBy(module: Module, { path }: Place, step: Step): Pick<Change, "index" | "value"> {
  const [at] = path;
  const index = at?.kind === "index" ? at.constant : undefined;
  const written = step.kind === "assign" && step.value.kind === "use" ? step.value.operand : undefined;
  return { index, value: written === undefined ? undefined : numberOf(module, written) };
}

function storedBy(module: Module, call: Call): number | undefined {
  if (call.method !== "store" && call.method !== "exchange") return undefined;
  const value = call.args[2]?.value;
  return value === undefined ? undefined : numberOf(module, value);
}

function judge(module: Module, wait: CallSite, { notifies, changes }: Cells): Report | undefined {
  const [, index, value, timeout] = wait.call.args;
  // With a timeout, the thread looks again after a while.
  if (index === undefined || value === undefined || timeout !== undefined) return undefined;
  const word = numberOf(module, index.value);
  const expected = numberOf(module, value.value);
  if (word === undefined || expected === undefined) return undefined;
  const wakers = notifies.filter(({ call }) => {
    const notified = call.args[1] === undefined ? undefined : numberOf(module, call.args[1].value);
    return notified === undefined || notified === word;
  });
  const [waker] = wakers;
  if (waker === undefined) return undefined;
  const relevant = changes.filter(
    (change) => (change.index === undefined || change.index === word) && change.value !== expected,
  );
  const isNever = relevant.length === 0;
  const isLate = !isNever && wakers.every((one) => relevant.every((change) => comesAfter(module, change.at, one.at)));
  return isNever || isLate ? reportOf(module, { wait, waker, word, expected, isNever }) : undefined;
}

/** Whether a change can only happen behind the notification, in one run of one function. */
export function comesAfter(module: Module, change: Point, notify: Point): boolean {
  if (change.body !== notify.body) return false;
  const body = bodyOf(module, notify);
  return reachableFrom(body, notify)(change) && !reachableFrom(body, change)(notify);
}

interface LostWakeUp {
  readonly wait: CallSite;
  readonly waker: CallSite;
  readonly word: number;
  readonly expected: number;
  readonly isNever: boolean;
}

function reportOf(module: Module, { wait, waker, word, expected, isNever }: LostWakeUp): Report {
  const { file } = module;
  const call = shortText(textOf(module, wait.call.spans.whole));
  const notifying = textOf(module, waker.call.spans.whole);
  const array = waker.call.args[0] === undefined ? "array" : textOf(module, waker.call.args[0].value.span);
  const store = `Atomics.store(${array}, ${word}, ${expected === 0 ? 1 : 0});`;
  return {
    message: isNever
      ? `\`${call}\` can sleep for ever: nothing changes \`${array}[${word}]\` before it is notified`
      : `\`${call}\` can sleep for ever: \`${array}[${word}]\` is changed only after the notification`,
    location: { file, ...wait.call.spans.whole },
    label: `sleeps as long as the word is ${expected}`,
    related: [{ file, ...waker.call.spans.whole, message: "wakes who sleeps now, and nobody who comes later" }],
    notes: [
      "a notification is not kept: where it comes before the other thread sleeps, only the changed word tells of it",
    ],
    help: [`Change the word before \`${shortText(notifying)}\`: \`${store}\``],
    // What the word should become is the program's to say.
    fixes: isNever
      ? [
          {
            title: `Change \`${array}[${word}]\` before the notification`,
            preferred: false,
            edits: [insert(file, waker.step.statement.start, `${store} `)],
          },
        ]
      : [],
    tags: [],
  };
}
