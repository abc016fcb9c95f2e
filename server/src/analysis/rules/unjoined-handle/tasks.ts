/** Tasks that a pool was given and nobody waits for, and pools that nobody ends. */
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { LocalId, Module, Step } from "../../mir/mir.js";
import type { Role } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { mayAwait } from "../../places.js";
import { shortText } from "../../threads/naming.js";
import { reachableFrom } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule, onlyDefinition, type Point } from "../../threads/walk.js";
import { holderOf, remoteOf } from "../../workers/remote.js";
import type { Report } from "../rule.js";

type PoolQueue = NonNullable<Extract<Role, { kind: "pool" }>["queue"]>;

export function unheardTasks(facts: Facts): readonly Report[] {
  return indexModule(facts.module).calls.flatMap((site) => [...lostTask(facts, site), ...unended(facts, site)]);
}

/** A task that nobody waits for. */
function lostTask(facts: Facts, site: CallSite): readonly Report[] {
  const { module, models } = facts;
  const role = roleOf(module, models, site.call);
  if (role?.kind === "task") {
    return isUnheard(facts, site) && !hasPort(site, role.data) ? [taskFinding(facts, site, role.unheard)] : [];
  }
  if (role !== undefined || !isUnheard(facts, site)) return [];
  const unheard = remoteOf(module, models, site.call)?.unheard;
  if (unheard !== undefined) return [taskFinding(facts, site, unheard)];
  const queue = queuedBy(facts, site);
  // A task may catch what it throws, and settle a promise of its own.
  if (queue === undefined || /\b(?:catch|then|resolve|reject)\b/.test(textOf(module, site.call.spans.whole))) return [];
  const [watch = ""] = queue.watched;
  const pool = site.call.receiver === undefined ? "pool" : textOf(module, site.call.receiver.span);
  // To wait for each before the next one is queued would leave all workers but one idle.
  const help = [`Wait for all of them behind: \`await ${pool}.${watch}()\``];
  return [{ ...taskFinding(facts, site, queue.unheard), help, fixes: [] }];
}

/** The queue of a pool that a task is put into, and of which nothing is watched. */
function queuedBy({ module, models }: Facts, { call: { receiver, method } }: CallSite): PoolQueue | undefined {
  if (receiver?.kind !== "place" || receiver.place.path.length > 0) return undefined;
  const made = onlyDefinition(module, receiver.place.base)?.step.value;
  const role = made?.kind === "call" ? roleOf(module, models, made) : undefined;
  if (role?.kind !== "pool" || role.queue === undefined || role.queue.method !== method) return undefined;
  const isWatched = new RegExp(`\\b(?:${role.queue.watched.join("|")})\\b`).test(module.text);
  return isWatched ? undefined : role.queue;
}

/** Workers that nobody ends. */
function unended(facts: Facts, site: CallSite): readonly Report[] {
  const { module, models } = facts;
  const role = roleOf(module, models, site.call);
  if (role?.kind === "pool") {
    const name = neverEnded(facts, site, role.ends);
    return name === undefined ? [] : [poolFinding(facts, site, { name, ends: role.ends, unended: role.unended })];
  }
  if (role?.kind !== "remote" || role.life === undefined) return [];
  const end = role.life.end.slice(role.life.end.lastIndexOf(".") + 1);
  const name = neverEnded(facts, site, [end]);
  const holder = holderOf(module, site);
  if (name === undefined || holder === undefined || !answers(module, holder)) return [];
  return [remoteFinding(facts, site, { name, ...role.life })];
}

/** Whether anybody looks at what a call of it gives: a thread that only has something to do may do it for as long as it lives. */
function answers(module: Module, holder: LocalId): boolean {
  return (indexModule(module).uses.get(holder) ?? []).some(
    ({ step }) => step?.kind === "assign" && step.value.kind === "call" && isLookedAt(module, step.to.base),
  );
}

function isLookedAt(module: Module, result: LocalId): boolean {
  return (indexModule(module).uses.get(result) ?? []).some(({ step, access }) => {
    if (access === "write" || step?.kind === "discard" || step?.kind === "end-scope") return false;
    const isWaited = step?.kind === "assign" && step.value.kind === "await" && step.to.path.length === 0;
    return !isWaited || isLookedAt(module, step.to.base);
  });
}

/** A promise that is a statement of its own, or in a variable that nobody looks at. */
function isUnheard({ module }: Facts, { step }: CallSite): boolean {
  const { base, path } = step.to;
  const local = module.locals[base];
  if (path.length > 0 || local === undefined || local.exported || local.name?.startsWith("_") === true) return false;
  const uses = (indexModule(module).uses.get(base) ?? []).filter((use) => use.step !== step);
  if (local.kind === "temp") return uses.length === 1 && isStatement(uses[0]?.step);
  return uses.every((use) => use.step?.kind === "end-scope");
}

/** A worker that is given a port is heard through that. */
function hasPort({ call }: CallSite, data: number): boolean {
  const parts = call.args[data]?.parts ?? [];
  return parts.some(({ type }) => type.kind === "named" && /\bMessagePort$/.test(type.symbol.name));
}

function isStatement(step: Step | undefined): boolean {
  return step?.kind === "discard" && !step.onPurpose;
}

function taskFinding({ file, module }: Facts, { call, at, step }: CallSite, unheard: string): Report {
  const { whole } = call.spans;
  const awaitable = mayAwait(module, at.body) && module.locals[step.to.base]?.kind === "temp";
  return {
    message: `nobody waits for \`${shortText(textOf(module, whole))}\`: what comes of the task is lost`,
    location: { file, ...whole },
    label: "returns a promise that nobody looks at",
    related: [],
    notes: [unheard],
    help: ["Await it, `return` it, or say with `void` and a `catch` that nobody needs it"],
    fixes: awaitable
      ? [{ title: "Await the task", preferred: true, edits: [insert(file, whole.start, "await ")] }]
      : [],
    tags: [],
  };
}

/** The variable of a function that holds a pool, where all that is done with it is to give it tasks. */
function neverEnded({ module }: Facts, site: CallSite, ends: readonly string[]): string | undefined {
  const { at } = site;
  const base = holderOf(module, site);
  const local = base === undefined ? undefined : module.locals[base];
  // The pool of a module may be there for as long as the program is.
  if (local?.name === undefined || local.reassigned || module.bodies[at.body]?.kind === "module") return undefined;
  if (!isLeft(module, at, local.id)) return undefined;
  const ended = new RegExp(`\\.\\s*(?:${ends.join("|")})\\b|\\bprocess\\s*\\.\\s*(?:exit|abort)\\b`);
  if (ended.test(module.text)) return undefined;
  const isGivenTasks = (indexModule(module).uses.get(local.id) ?? []).every(
    ({ step: used, place, at: { body }, access }) => {
      if (access === "write" && place.path.length === 0) return true;
      // A function in it may be called for as long as the program runs.
      if (body !== at.body) return false;
      if (used?.kind === "end-scope") return true;
      if (used?.kind !== "assign" || used.value.kind !== "call" || place.path.length > 0) return false;
      const { receiver, callee, args } = used.value;
      const isArgument = args.some(({ value }) => value.kind === "place" && value.place.base === local.id);
      const on = receiver ?? callee;
      return on.kind === "place" && on.place.base === local.id && !isArgument;
    },
  );
  return isGivenTasks ? local.name : undefined;
}

/** Whether the function ever comes to the end of what holds it. */
function isLeft(module: Module, at: Point, local: LocalId): boolean {
  const body = bodyOf(module, at);
  const isReached = reachableFrom(body, at);
  return body.blocks.some(({ steps }, block) =>
    steps.some(
      (step, index) =>
        step.kind === "end-scope" && step.locals.includes(local) && isReached({ body: body.id, block, index }),
    ),
  );
}

interface Unended {
  readonly name: string;
  readonly ends: readonly string[];
  readonly unended: string;
}

function poolFinding({ file }: Facts, { call }: CallSite, { name, ends, unended }: Unended): Report {
  const end = `${name}.${ends[0]}()`;
  return {
    message: `the pool \`${name}\` is never ended`,
    location: { file, ...call.spans.whole },
    label: `nobody calls \`${end}\``,
    related: [],
    notes: [unended],
    help: [`End it when its tasks are done: \`await ${end}\``],
    fixes: [],
    tags: [],
  };
}

function remoteFinding(
  { file }: Facts,
  { call }: CallSite,
  { name, end, unended }: { readonly name: string; readonly end: string; readonly unended: string },
): Report {
  return {
    message: `the thread of \`${name}\` is never ended`,
    location: { file, ...call.spans.whole },
    label: `nobody calls \`${end}(${name})\``,
    related: [],
    notes: [unended],
    help: [`End it when its work is done, in a \`finally\`: \`await ${end}(${name})\``],
    fixes: [],
    tags: [],
  };
}
