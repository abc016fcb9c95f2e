/** Handles in a variable that several functions share, of which none ever joins it: `let handle` with a `beforeEach`. */
import type { Facts } from "../../facts.js";
import type { Local, LocalId } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, indexModule, type Use } from "../../threads/walk.js";
import type { Report } from "../rule.js";

export function handlesNobodyWaitsFor(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    const role = roleOf(module, models, site.call);
    if (role?.kind !== "spawn" || role.scoped || role.returns !== "handle") return [];
    const local = sharedVariable(facts, site);
    const uses = local === undefined ? [] : (indexModule(module).uses.get(local.id) ?? []);
    const isUnjoined = local !== undefined && uses.every((use) => onlyLooks(facts, local.id, use));
    return isUnjoined && !isKeptRunning(site, uses) ? [findingFor(facts, site, local.name ?? "")] : [];
  });
}

/** The variable of a function around that gets the handle. What happens in one function alone is followed there. */
function sharedVariable({ module }: Facts, { at, step }: CallSite): Local | undefined {
  if (step.to.path.length > 0) return undefined;
  const local = module.locals[nextHolder(module, step.to.base)];
  if (local?.name === undefined || local.name.startsWith("_") || local.exported || local.body === at.body)
    return undefined;
  return local.kind === "let" || local.kind === "var" ? local : undefined;
}

/** `if (handle.isFinished()) handle = thread.spawn(watch);`: there is always one, and it ends with the program. */
function isKeptRunning({ at }: CallSite, uses: readonly Use[]): boolean {
  return uses.some(
    (use) =>
      use.at.body === at.body && use.step?.kind === "assign" && use.step.value.kind === "call" && use.access === "read",
  );
}

/** What a temporary is put into. */
function nextHolder(module: Facts["module"], holder: LocalId): LocalId {
  if (module.locals[holder]?.kind !== "temp") return holder;
  const [only, ...others] = (indexModule(module).uses.get(holder) ?? []).filter(({ access }) => access === "read");
  const to = only?.step?.kind === "assign" && only.step.value.kind === "use" ? only.step.to : undefined;
  return to === undefined || to.path.length > 0 || others.length > 0 ? holder : to.base;
}

/** Gives the variable a value, asks whether there is one, or asks the handle something. */
function onlyLooks({ module, models }: Facts, local: LocalId, { access, place, step, terminator }: Use): boolean {
  if (access === "write") return place.path.length === 0;
  if (terminator !== undefined) return terminator.kind === "branch";
  if (step?.kind === "end-scope") return true;
  if (step?.kind !== "assign" || access !== "read") return false;
  const { value } = step;
  if (value.kind === "compute") return true;
  if (value.kind !== "call" || value.args.some((one) => one.value.kind === "place" && one.value.place.base === local))
    return false;
  const kind = roleOf(module, models, value)?.kind;
  // A thread that is asked to stop may not need to be waited for.
  return (kind === "borrow" && value.method !== "abort") || kind === "finished";
}

function findingFor(facts: Facts, { call }: CallSite, name: string): Report {
  return {
    message: `\`${name}\` is never joined: none of the functions that use it waits for the thread`,
    location: { file: facts.file, ...call.spans.callee },
    label: "the thread is started here",
    related: [],
    notes: [libraryOf(facts, call).dialect.dropped],
    help: [`Join \`${name}\` where its work is over, as in an \`afterEach\``],
    fixes: [],
    tags: [],
  };
}
