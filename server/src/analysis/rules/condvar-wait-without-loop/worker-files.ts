/**
 * A worker's file that waits on shared memory for a notification, where neither it nor the file that starts it ever sends one,
 * and no other code has the memory.
 */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { inLoop } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule } from "../../threads/walk.js";
import { workerModule } from "../../workers/started.js";
import type { Report } from "../rule.js";

/** A file that starts workers, where all that happens to the memory they share is in it and in their files. */
export interface Pairing {
  readonly starts: readonly CallSite[];
  /** The file that each of these starts. */
  readonly files: readonly Module[];
  /** All of them, each once. */
  readonly all: readonly Module[];
  readonly memory: CallSite;
}

export function pairingOf({ module, models, modules }: Facts): Pairing | undefined {
  const calls = indexModule(module).calls;
  const starts = calls.filter(({ call }) => roleOf(module, models, call)?.kind === "worker");
  const memory = calls.find(
    ({ call }) => call.form === "new" && call.callee.kind === "item" && isShared(call.callee.name),
  );
  const [start] = starts;
  if (start === undefined || memory === undefined || !isAlone(module) || endsIt.test(module.text)) return undefined;
  const files = starts.flatMap(({ call }) => workerModule(modules, module, call) ?? []);
  // One that is not seen could send it, and a word that is changed before may let the worker pass.
  if (files.length < starts.length || !files.every(isAlone) || changesBefore({ module, models }, start))
    return undefined;
  const all = [...new Set([module, ...files])];
  // Whoever wakes by another name, as a function of its own or the older `Atomics.wake`, does so in ways that are not followed.
  if (all.some(({ text }) => /\bwake\w*\s*\(|[a-z](?:Wake|Notify)\w*\s*\(/.test(text))) return undefined;
  return { starts, files, all, memory };
}

export function unsentNotifications(facts: Facts, { starts, files, all, memory }: Pairing): readonly Report[] {
  const isNotified = all.some((file) => file.text.includes("notify"));
  if (isNotified && all.some((file) => mayChangeWords(facts, file))) return [];
  return starts.flatMap((site, index) => {
    const wait = waitIn(facts, files[index]);
    if (wait === undefined) return [];
    if (!isNotified) return [findingFor(facts, site, memory, wait)];
    const notifying = all.filter((file) => file.text.includes("notify"));
    const notifications = notifying.map((file) => notificationIn(facts, file));
    const [notification] = notifications.includes(undefined) ? [] : notifications;
    return notification === undefined ? [] : [unchangedFinding(facts, site, wait, notification)];
  });
}

/** Whether a file may write to memory: to an element of something, or by a function that is not seen through. */
function mayChangeWords({ models }: Facts, file: Module): boolean {
  if (/\.\s*(?:set|fill|copyWithin|sort|reverse|subarray)\s*\(/.test(file.text)) return true;
  return file.bodies.some(({ blocks }) =>
    blocks.some(({ steps }) =>
      steps.some((step) => {
        if (step.kind === "update") return step.place.path.some(({ kind }) => kind === "index");
        if (step.kind !== "assign") return false;
        if (step.to.path.some(({ kind }) => kind === "index")) return true;
        const role = step.value.kind === "call" ? roleOf(file, models, step.value) : undefined;
        return role?.kind === "cell" && (role.does === "change" || role.does === "exchange");
      }),
    ),
  );
}

/** The notifications of a file, where each comes once, as soon as the file runs: one that comes again may come in time. */
function notificationIn({ models }: Facts, module: Module): Label | undefined {
  const sites = indexModule(module).calls.filter(({ call }) => {
    const role = roleOf(module, models, call);
    return role?.kind === "cell" && role.does === "notify";
  });
  if (sites.some(({ at }) => at.body !== 0 || inLoop(bodyOf(module, at), at))) return undefined;
  const [site] = sites;
  return (
    site && { file: module.file, ...site.call.spans.whole, message: "this wakes who sleeps now, and changes no word" }
  );
}

function unchangedFinding({ file }: Facts, start: CallSite, wait: Wait, notification: Label): Report {
  return {
    message:
      "this worker sleeps for ever where the notification comes first: nothing changes the word that it waits for",
    location: { file, ...start.call.spans.callee },
    label: "starts a worker that may never wake up",
    related: [
      {
        file: wait.module.file,
        ...wait.site.call.spans.whole,
        message: "it waits here as long as the word is the same",
      },
      notification,
    ],
    notes: [
      "a notification is not kept: where it comes before the other thread sleeps, only the changed word tells of it, and a worker takes milliseconds to start",
    ],
    help: ["Change the word, `Atomics.store(…)`, before `Atomics.notify(…)`"],
    fixes: [],
    tags: [],
  };
}

/** A worker that is ended need not wake up. */
const endsIt = /\bterminate\b|\bunref\b|\bprocess\.exit\b/;

function isShared(name: string): boolean {
  return /^(?:globalThis\.)?SharedArrayBuffer$/.test(name);
}

/** Nothing but Node's own modules is imported: no other code gets at the memory. */
function isAlone({ imports, text }: Module): boolean {
  const others = imports.filter(
    ({ specifier, typeOnly }) => !typeOnly && !/^(?:node:.*|worker_threads)$/.test(specifier),
  );
  return (
    others.length === 0 &&
    !/\b(?:require|import|importScripts)\s*\(/.test(text) &&
    !/^\s*export\b(?!\s*\{\s*\})/m.test(text)
  );
}

function changesBefore({ module, models }: Pick<Facts, "module" | "models">, { call: start }: CallSite): boolean {
  return indexModule(module).calls.some(
    ({ call }) => roleOf(module, models, call)?.kind === "cell" && call.spans.whole.start < start.spans.whole.start,
  );
}

interface Wait {
  readonly module: Module;
  readonly site: CallSite;
}

/** A wait without a time limit. */
function waitIn({ models }: Facts, module: Module | undefined): Wait | undefined {
  if (module === undefined) return undefined;
  const site = indexModule(module).calls.find(({ call }) => {
    const role = roleOf(module, models, call);
    return role?.kind === "wait" && role.until === "cell" && role.mode === "sync" && call.args.length === 3;
  });
  return site && { module, site };
}

function findingFor({ file }: Facts, start: CallSite, memory: CallSite, wait: Wait): Report {
  return {
    message: "this worker waits for a notification that nobody sends",
    location: { file, ...start.call.spans.callee },
    label: "starts a worker that never wakes up",
    related: [
      { file: wait.module.file, ...wait.site.call.spans.whole, message: "it waits here, with no time limit" },
      { file, ...memory.call.spans.whole, message: "the memory is made here, and neither file calls `Atomics.notify`" },
    ],
    notes: [
      "a thread in `Atomics.wait` sleeps until `Atomics.notify` is called for its word; a change of the word wakes nobody",
    ],
    help: ["Change the word, `Atomics.store(…)`, and then wake who waits for it, `Atomics.notify(…)`"],
    fixes: [],
    tags: [],
  };
}
