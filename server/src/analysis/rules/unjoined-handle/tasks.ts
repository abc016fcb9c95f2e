/** Tasks that a pool was given and nobody waits for, and pools that nobody ends. */
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { mayAwait } from "../../places.js";
import { shortText } from "../../threads/naming.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";

export function unheardTasks(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    const role = roleOf(module, models, site.call);
    if (role?.kind === "task" && isUnheard(facts, site) && !hasPort(site, role.data))
      return [taskFinding(facts, site, role.unheard)];
    if (role?.kind !== "pool") return [];
    const name = neverEnded(facts, site, role.ends);
    return name === undefined ? [] : [poolFinding(facts, site, { name, ends: role.ends, unended: role.unended })];
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
function neverEnded(facts: Facts, { step, at }: CallSite, ends: readonly string[]): string | undefined {
  const { module } = facts;
  const { base, path } = step.to;
  const local = module.locals[base];
  // The pool of a module may be there for as long as the program is.
  if (path.length > 0 || local?.name === undefined || local.reassigned || module.bodies[at.body]?.kind === "module")
    return undefined;
  const ended = new RegExp(`\\.\\s*(?:${ends.join("|")})\\b|\\bprocess\\s*\\.\\s*(?:exit|abort)\\b`);
  if (ended.test(module.text)) return undefined;
  const uses = (indexModule(module).uses.get(base) ?? []).filter((use) => use.step !== step);
  const isGivenTasks = uses.every(({ step: used, place, at: { body } }) => {
    // A function in it may be called for as long as the program runs.
    if (body !== at.body) return false;
    if (used?.kind === "end-scope") return true;
    if (used?.kind !== "assign" || used.value.kind !== "call" || place.path.length > 0) return false;
    const { receiver, args } = used.value;
    const isArgument = args.some(({ value }) => value.kind === "place" && value.place.base === base);
    return receiver?.kind === "place" && receiver.place.base === base && !isArgument;
  });
  return isGivenTasks ? local.name : undefined;
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
