/** Values that were given to a method which a class of another file may override. */
import type { Facts } from "../facts.js";
import type { SymbolKey } from "../program/program.js";
import { overridesIn } from "../summaries/overrides.js";
import type { Loss, Site } from "./engine.js";
import type { Protocol } from "./protocol.js";

/** The files in whose subclasses methods may do more with the values of a protocol that are lost here. */
export function filesWithMethods(facts: Facts, protocol: Protocol): readonly string[] {
  const lent = facts.ownership().losses.flatMap(({ site }) => (site.protocol === protocol ? site.lent : []));
  return lent.map(({ file }) => file);
}

/** The losses for which no subclass of another file may have seen to it that there is none. */
export function withoutOverridden(facts: Facts, losses: readonly Loss[]): readonly Loss[] {
  return losses.filter(({ site }) => !isOverridden(facts, site));
}

function isOverridden(facts: Facts, { lent }: Site): boolean {
  const neighbours = lent.length === 0 ? undefined : facts.neighbourhood();
  if (neighbours === undefined) return false;
  return [...neighbours.modules.values()].some((module) =>
    lent.some((method) => module.file !== method.file && overridesIn(module).has(nameOf(method))),
  );
}

/** `finish` of `Service.finish`. */
function nameOf({ name }: SymbolKey): string {
  return name.slice(name.lastIndexOf(".") + 1);
}
