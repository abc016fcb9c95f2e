/** Locks of a program's own, on a word of shared memory that a field has: whoever gives one back has to wake who waits for it. */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { fieldIn, fieldKey } from "../../locks/names.js";
import type { Call, Module } from "../../mir/mir.js";
import type { Role } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { numberOf } from "../../threads/constants.js";
import { shortText } from "../../threads/naming.js";
import { inLoop, reachableFrom } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";

/** One call of `Atomics` on a word of which the number is known. */
interface Touch {
  readonly site: CallSite;
  readonly does: "wait" | "read" | "change" | "exchange" | "notify";
  /** The further arguments that are numbers: what is compared with, or written. */
  readonly numbers: readonly (number | undefined)[];
}

export function ownLocks(facts: Facts): readonly Report[] {
  return [...touchesByWord(facts)].flatMap(([, touches]) => {
    const wait = touches.find((touch) => isTurn(facts.module, touches, touch));
    if (wait === undefined) return [];
    const [taken] = wait.numbers;
    const releases = touches.filter(
      ({ site, does, numbers }) =>
        does === "change" && site.call.method === "store" && numbers[0] !== taken && !isSetUp(facts.module, site),
    );
    const [release] = releases;
    if (release === undefined) return [];
    const wakers = touches.filter(({ does }) => does === "notify");
    const [waker] = wakers;
    if (waker === undefined) {
      // Somebody may wake by another name.
      return /notify|[wW]ake|\bfutex/.test(facts.module.text) ? [] : [unwoken(facts, wait, release)];
    }
    const isEarly = wakers.every((one) => releases.every((other) => comesBefore(facts.module, one.site, other.site)));
    return isEarly ? [early(facts, wait, waker, release)] : [];
  });
}

/** What a file does with each word of the fields of its classes. */
function touchesByWord({ module, models }: Facts): ReadonlyMap<string, readonly Touch[]> {
  const words = new Map<string, Touch[]>();
  for (const site of indexModule(module).calls) {
    const does = doneBy(roleOf(module, models, site.call), site.call);
    const word = does && wordOf(module, site.call);
    if (does === undefined || word === undefined) continue;
    const numbers = site.call.args.slice(2).map(({ value }) => numberOf(module, value));
    words.set(word, [...(words.get(word) ?? []), { site, does, numbers }]);
  }
  return words;
}

function doneBy(role: Role | undefined, { args }: Call): Touch["does"] | undefined {
  if (role?.kind === "cell") return role.does;
  // With a time limit, the thread looks again after a while.
  return role?.kind === "wait" && role.until === "cell" && role.mode === "sync" && args.length === 3
    ? "wait"
    : undefined;
}

/** `this.#word, 0`, by the class */
function wordOf(module: Module, { args: [array, index] }: Call): string | undefined {
  const place = array?.value.kind === "place" ? array.value.place : undefined;
  const local = place && module.locals[place.base];
  const [step, ...deeper] = place?.path ?? [];
  const number = index && numberOf(module, index.value);
  if (local?.kind !== "this" || step?.kind !== "field" || deeper.length > 0 || number === undefined) return undefined;
  const field = fieldIn(module, local, `.${step.name}`);
  return field && `${fieldKey(field)}[${number}]`;
}

/** `while (compareExchange(word, 0, free, taken) !== free) wait(word, 0, taken)` */
function isTurn(module: Module, touches: readonly Touch[], { site, does, numbers: [expected] }: Touch): boolean {
  if (does !== "wait" || expected === undefined || !inLoop(bodyOf(module, site.at), site.at)) return false;
  return touches.some(
    (other) =>
      other.site.call.method === "compareExchange" &&
      other.site.at.body === site.at.body &&
      other.numbers[1] === expected,
  );
}

/** What is stored before anybody can wait. */
function isSetUp(module: Module, { at }: CallSite): boolean {
  const { kind } = bodyOf(module, at);
  return kind === "constructor" || kind === "initializer" || kind === "static-block";
}

function comesBefore(module: Module, first: CallSite, second: CallSite): boolean {
  if (first.at.body !== second.at.body) return false;
  const body = bodyOf(module, first.at);
  return reachableFrom(body, first.at)(second.at) && !reachableFrom(body, second.at)(first.at);
}

function labelOf({ file }: Module, { call }: CallSite, message: string): Label {
  return { file, ...call.spans.whole, message };
}

function textOfCall(module: Module, { call }: CallSite): string {
  return shortText(textOf(module, call.spans.whole));
}

function unwoken({ file, module }: Facts, wait: Touch, release: Touch): Report {
  const [array, index] = release.site.call.args.map(({ value }) => textOf(module, value.span));
  return {
    message: `\`${textOfCall(module, wait.site)}\` can sleep for ever: whoever gives the lock back wakes nobody`,
    location: { file, ...wait.site.call.spans.whole },
    label: "sleeps until it is notified",
    related: [labelOf(module, release.site, "the lock is given back here, and nothing in this file notifies")],
    notes: ["a change of the word wakes nobody: who sleeps in `Atomics.wait` does so until `Atomics.notify`"],
    help: [`Wake one who waits behind it: \`Atomics.notify(${array}, ${index}, 1)\``],
    fixes: [],
    tags: [],
  };
}

function early({ file, module }: Facts, wait: Touch, waker: Touch, release: Touch): Report {
  return {
    message: `\`${textOfCall(module, waker.site)}\` comes before the lock is given back: who wakes up finds it taken, and sleeps again`,
    location: { file, ...waker.site.call.spans.whole },
    label: "nobody wakes them a second time",
    related: [
      labelOf(module, release.site, "the lock is given back only here"),
      labelOf(module, wait.site, "who is woken tries again, and waits here"),
    ],
    notes: ["a notification is not kept: it wakes who sleeps now, and they look at the word at once"],
    help: [`Notify behind \`${textOfCall(module, release.site)}\``],
    fixes: [],
    tags: [],
  };
}
