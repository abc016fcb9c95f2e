/** Pools with threads that nobody joined, which nobody joins either. */
import type { Facts } from "../../facts.js";
import { lossesBySite, type SiteLosses } from "../../ownership/by-site.js";
import { poolProtocol } from "../../ownership/protocols.js";
import { shownAs } from "../../places.js";
import type { Report } from "../rule.js";
import { bindWithUsing } from "./bind-with-using.js";

export function unjoinedPools(facts: Facts): readonly Report[] {
  return lossesBySite(facts.ownership().losses, poolProtocol).map((one) => findingFor(facts, one));
}

function findingFor(facts: Facts, { site, losses }: SiteLosses): Report {
  const { file, module } = facts;
  const local = site.local === undefined ? undefined : module.locals[site.local];
  const name = local?.name === undefined ? "this pool" : `\`${local.name}\``;
  const unawaited = site.met ? undefined : site.join?.spans.whole;
  const span = unawaited ?? site.call.spans.whole;
  const [{ exit }] = losses;
  return {
    message:
      unawaited === undefined
        ? `${name} is ${site.met ? "not joined on every path" : "never joined"}, and nobody joins what was spawned on it`
        : `\`${module.text.slice(span.start, span.end)}\` is never awaited`,
    location: { file, ...span },
    label: unawaited === undefined ? "the pool is made here" : "nothing waits for this promise",
    related: [
      exit.keyword === undefined
        ? { file, ...shownAs(module.text, exit.span), message: `${name} goes out of scope here` }
        : { file, ...exit.span, message: "leaves here without joining" },
    ],
    notes: [
      "a pool joins the threads that nobody joined when it is joined or disposed of itself; when the main thread ends before, they are killed and their work is lost",
    ],
    help: ["`await pool.join()` behind the last `spawn`, or bind the pool with `await using`"],
    fixes: unawaited === undefined && local !== undefined ? bindWithUsing(facts, site.step, local) : [],
    tags: [],
  };
}
