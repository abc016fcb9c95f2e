/** Whether anything may use a value after it was sent. */
import type { Facts } from "../../facts.js";
import type { Call, LocalId } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { reachableFrom } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule, type Use } from "../../threads/walk.js";
import type { LargeBuffer } from "./buffers.js";

/** True where it cannot be told: a variable of another function, one that a closure has, a value that other code was given. */
export function isUsedLater(facts: Facts, site: CallSite, { through }: LargeBuffer): boolean {
  const seen = new Set<LocalId>();
  return through.some((local) => isLocalUsedLater(facts, site, local, seen));
}

function isLocalUsedLater(facts: Facts, site: CallSite, local: LocalId, seen: Set<LocalId>): boolean {
  if (seen.has(local)) return false;
  seen.add(local);
  const { module } = facts;
  const body = bodyOf(module, site.at);
  const declared = module.locals[local];
  if (declared === undefined || declared.body !== body.id || declared.exported) return true;
  if (module.bodies.some(({ captures }) => captures.some((capture) => capture.local === local))) return true;
  // Behind its declaration, in the next turn of a loop, it is another one.
  const declarations = (indexModule(module).definitions.get(local) ?? []).map(({ at }) => at);
  const isAfter = reachableFrom(body, site.at, declarations);
  return (indexModule(module).uses.get(local) ?? []).some((use) => {
    if (use.access === "write" && use.place.path.length === 0) return false;
    return isAfter(use.at) || isKept(facts, site, use, seen);
  });
}

/** Whether a use before gives the value another name, or to code that may keep it. */
function isKept(facts: Facts, site: CallSite, { step, access, place }: Use, seen: Set<LocalId>): boolean {
  if (step === undefined) return true;
  if (step.kind !== "assign" || access !== "read") return false;
  const { value, to } = step;
  const target = (): boolean => to.path.length > 0 || isLocalUsedLater(facts, site, to.base, seen);
  switch (value.kind) {
    case "use":
      return place.path.some((each) => each.kind === "index") ? false : target();
    case "object":
    case "array":
    case "opaque":
      return target();
    case "call":
      return value !== site.call && keeps(facts, value, target);
    case "compute":
    case "element":
    case "caught":
      return false;
    case "await":
    case "yield":
      return true;
    default:
      return value satisfies never;
  }
}

/** The methods of buffers keep nothing; a view of one is another name for it. */
function keeps({ module, models }: Facts, call: Call, target: () => boolean): boolean {
  const role = roleOf(module, models, call);
  if (role?.kind === "overlay" || (role?.kind === "insert" && role.returns === "receiver")) return target();
  if (role?.kind === "borrow" || role?.kind === "cell") return false;
  return call.symbol?.package !== "typescript" && call.symbol?.package !== "@types/node";
}
