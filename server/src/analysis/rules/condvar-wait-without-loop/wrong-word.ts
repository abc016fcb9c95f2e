/**
 * A worker's file that waits on a word of shared memory, where the notifications are for another word, or come before the word is
 * changed. Every word is known by its number in all of the files.
 */
import type { Facts } from "../../facts.js";
import type { Module, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { numberOf } from "../../threads/constants.js";
import { inLoop } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule, type Point } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { comesAfter } from "./cells.js";
import type { Pairing } from "./worker-files.js";

interface Event {
  readonly module: Module;
  readonly at: Point;
  readonly span: { readonly start: number; readonly end: number };
  readonly word: number;
}

interface Events {
  readonly waits: readonly Event[];
  readonly notifies: readonly Event[];
  readonly changes: readonly Event[];
}

export function wrongWords(facts: Facts, { starts, files, all }: Pairing): readonly Report[] {
  if (!all.every((module) => hasOneView(module))) return [];
  const events = all.map((module) => eventsIn(facts, module));
  if (!events.every((each) => each !== undefined)) return [];
  const notifies = events.flatMap((each) => each.notifies);
  const changes = events.flatMap((each) => each.changes);
  return starts.flatMap((start, index) => {
    const wait = events.flatMap((each) => each.waits).find(({ module }) => module === files[index]);
    if (wait === undefined || wait.module === facts.module) return [];
    const waking = notifies.filter(({ word }) => word === wait.word);
    const changing = changes.filter(({ word }) => word === wait.word);
    const [other] = notifies;
    if (waking.length === 0 && other !== undefined) return [elsewhere(facts, { start, wait, notify: other })];
    const [notify] = waking;
    const [change] = changing;
    // What comes again and again may come in time.
    const isLate =
      notify !== undefined &&
      change !== undefined &&
      waking.every((one) => one.at.body === 0 && !inLoop(bodyOf(one.module, one.at), one.at)) &&
      changing.every((one) =>
        waking.every((each) => each.module === one.module && comesAfter(one.module, one.at, each.at)),
      );
    return isLate ? [tooEarly(facts, { start, wait, notify, change })] : [];
  });
}

/** One array over all of the memory at most, so that a number means the same word everywhere. */
function hasOneView(module: Module): boolean {
  const views = indexModule(module).calls.filter(
    ({ call }) =>
      call.form === "new" && call.callee.kind === "item" && /\b(?:\w+Array|DataView)$/.test(call.callee.name),
  );
  const memories = [...module.text.matchAll(/\bnew\s+SharedArrayBuffer\b/g)];
  return (
    memories.length <= 1 &&
    views.length <= 1 &&
    views.every(({ call }) => call.args.length === 1) &&
    !/\.\s*(?:set|fill|copyWithin|sort|reverse|subarray|slice|buffer)\b/.test(module.text)
  );
}

/** Undefined where some word is not known. */
function eventsIn({ models }: Facts, module: Module): Events | undefined {
  const found = { waits: [] as Event[], notifies: [] as Event[], changes: [] as Event[] };
  for (const site of indexModule(module).calls) {
    const role = roleOf(module, models, site.call);
    if (role?.kind !== "cell" && !(role?.kind === "wait" && role.until === "cell")) continue;
    const word = wordOf(module, site);
    if (word === undefined) return undefined;
    const event: Event = { module, at: site.at, span: site.call.spans.whole, word };
    if (role.kind === "wait") {
      if (role.mode === "sync" && site.call.args.length === 3) found.waits.push(event);
    } else if (role.does === "notify") found.notifies.push(event);
    else if (role.does !== "read") found.changes.push(event);
  }
  return module.bodies.some(({ blocks }) => blocks.some(({ steps }) => steps.some(writesElement))) ? undefined : found;
}

function wordOf(module: Module, { call }: CallSite): number | undefined {
  const index = call.args[1];
  return index === undefined || index.spread ? undefined : numberOf(module, index.value);
}

/** `flags[i] = 1`: without `Atomics`, which is another rule's. */
function writesElement(step: Step): boolean {
  const place = step.kind === "assign" ? step.to : step.kind === "update" ? step.place : undefined;
  return place?.path.some(({ kind }) => kind === "index") ?? false;
}

interface Found {
  readonly start: CallSite;
  readonly wait: Event;
  readonly notify: Event;
}

function elsewhere({ file }: Facts, { start, wait, notify }: Found): Report {
  return {
    message: `this worker waits on word ${wait.word}, and the notification is for word ${notify.word}`,
    location: { file, ...start.call.spans.callee },
    label: "starts a worker that nobody wakes",
    related: [
      { file: wait.module.file, ...wait.span, message: "it waits here, with no time limit" },
      { file: notify.module.file, ...notify.span, message: `wakes those who wait on word ${notify.word}` },
    ],
    notes: [
      "a thread in `Atomics.wait` sleeps until `Atomics.notify` is called for its word; a change of the word wakes nobody",
    ],
    help: ["Wait and notify with the same index, best one constant that both files have"],
    fixes: [],
    tags: [],
  };
}

function tooEarly({ file }: Facts, { start, wait, notify, change }: Found & { readonly change: Event }): Report {
  return {
    message: `this worker can sleep for ever: word ${wait.word} is changed only after the notification`,
    location: { file, ...start.call.spans.callee },
    label: "starts a worker that may never wake up",
    related: [
      { file: wait.module.file, ...wait.span, message: "it waits here as long as the word is the same" },
      { file: notify.module.file, ...notify.span, message: "wakes who sleeps now, and nobody who comes later" },
      { file: change.module.file, ...change.span, message: "who looked before this goes to sleep again" },
    ],
    notes: [
      "a notification is not kept: whoever is woken, or comes later, looks at the word, and that has to be changed by then",
    ],
    help: ["Change the word, `Atomics.store(…)`, before `Atomics.notify(…)`"],
    fixes: [],
    tags: [],
  };
}
