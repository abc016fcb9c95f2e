/** A lock that is taken to write, where nothing is written. */
import type { Facts } from "../../facts.js";
import { replace, textOf } from "../../fix.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { guardsPrimitive, guardUses, isQuiet, onlyLooks } from "./guards.js";

export function idleWriteLocks(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    const role = roleOf(module, models, site.call);
    const reader = role?.kind === "lock" ? role.reader : undefined;
    return reader !== undefined && onlyReads(facts, site) ? [findingFor(facts, site, reader)] : [];
  });
}

function onlyReads(facts: Facts, site: CallSite): boolean {
  const uses = guardUses(facts, site);
  if (uses === undefined || uses.reads.length === 0 || uses.updates.length + uses.writes.length > 0) return false;
  const looks = guardsPrimitive(uses) || uses.reads.every((use) => onlyLooks(facts, use));
  return looks && isQuiet(facts, site, uses);
}

function findingFor({ file, module }: Facts, { call }: CallSite, reader: string): Report {
  const { whole, name } = call.spans;
  return {
    message: `\`${shortText(textOf(module, whole))}\` locks to write, and nothing is written: \`${reader}()\` lets others read meanwhile`,
    location: { file, ...whole },
    label: "what this guards is only read",
    related: [],
    notes: ["a lock for writing waits until nobody reads any more, and keeps everybody out"],
    help: [`Use \`${reader}()\``],
    fixes: [{ title: `Lock with \`${reader}()\``, preferred: false, edits: [replace(file, name, reader)] }],
    tags: [],
  };
}
