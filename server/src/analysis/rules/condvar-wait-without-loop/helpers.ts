/** Functions of the project that wait once with the guard they are given: whoever calls one has to look again by itself. */
import type { Facts } from "../../facts.js";
import type { Body, Call, Module } from "../../mir/mir.js";
import type { Models } from "../../models/model.js";
import { roleOf } from "../../models/roles.js";
import { sceneOf } from "../../threads/scene.js";
import { calledFunction } from "../../threads/starts.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import { aftermathOf } from "./aftermath.js";

/** What waits for a notification with a guard: a call of the library's own, or of a function that does no more than that. */
export interface Waiting {
  readonly site: CallSite;
  /** The number of the argument that is the guard. */
  readonly guard: number;
  readonly returns: "result-of-guard" | "timed" | "nothing";
  /** The wait inside of the function that is called. */
  readonly inside: { readonly module: Module; readonly call: Call } | undefined;
}

/** All of a file, in the order of its calls. */
export function waitsIn(facts: Facts): readonly Waiting[] {
  const { module, models, modules } = facts;
  const helpers = new Map([...modules.values()].flatMap((each) => [...helpersOf(each, models)]));
  return indexModule(module).calls.flatMap((site): Waiting[] => {
    const role = roleOf(module, models, site.call);
    if (role?.kind === "relock" && role.until === "notified") {
      return [{ site, guard: 0, returns: role.returns, inside: undefined }];
    }
    const callee = role === undefined && helpers.size > 0 ? calledFunction(sceneOf(facts), site.call) : undefined;
    const helper = callee && helpers.get(callee.body);
    if (callee === undefined || helper === undefined) return [];
    return [{ ...helper, site, inside: { module: callee.module, call: helper.call } }];
  });
}

interface Helper extends Pick<Waiting, "guard" | "returns"> {
  readonly call: Call;
}

const known = new WeakMap<Models, WeakMap<Module, ReadonlyMap<Body, Helper>>>();

function helpersOf(module: Module, models: Models): ReadonlyMap<Body, Helper> {
  const before = known.get(models)?.get(module);
  if (before !== undefined) return before;
  const found = new Map<Body, Helper>();
  for (const site of indexModule(module).calls) {
    const body = module.bodies[site.at.body];
    const helper = body === undefined ? undefined : helperAt(module, models, body, site);
    if (body !== undefined && helper !== undefined) found.set(body, helper);
  }
  known.set(models, (known.get(models) ?? new WeakMap<Module, ReadonlyMap<Body, Helper>>()).set(module, found));
  return found;
}

/** Where a wait is all that a function decides on: it has no branch, and gives the guard back. */
function helperAt(module: Module, models: Models, body: Body, site: CallSite): Helper | undefined {
  const { call } = site;
  const role = roleOf(module, models, call);
  const [operand] = call.args;
  if (role?.kind !== "relock" || role.until !== "notified" || role.returns === "timed") return undefined;
  if (operand?.value.kind !== "place" || operand.value.place.path.length > 0 || body.generator) return undefined;
  const { base } = operand.value.place;
  const guard = body.params.findIndex(({ arrives, rest }) => arrives === base && !rest);
  if (guard < 0 || module.locals[base]?.reassigned || body.blocks.some(({ end }) => end.kind === "branch"))
    return undefined;
  if (role.returns === "nothing") return { guard, returns: role.returns, call };
  return aftermathOf(module, models, body, site).givesBack ? { guard, returns: role.returns, call } : undefined;
}
