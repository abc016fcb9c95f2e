/** Facts about values, put together by where the values are made. */
import type { Loss, Site } from "./engine.js";
import type { Protocol } from "./protocol.js";

/** All that went wrong with the values of one place. */
export interface SiteLosses {
  readonly site: Site;
  /** Each way in which they are lost, in order of position. */
  readonly losses: readonly [Loss, ...Loss[]];
}

/** The losses of one protocol's values, in order of where the values are made. */
export function lossesBySite(losses: readonly Loss[], protocol: Protocol): readonly SiteLosses[] {
  const groups = new Map<string, [Loss, ...Loss[]]>();
  for (const loss of losses) {
    if (loss.site.protocol !== protocol) continue;
    const known = groups.get(loss.site.id);
    if (known === undefined) groups.set(loss.site.id, [loss]);
    else known.push(loss);
  }
  return [...groups.values()].map((group) => ({ site: group[0].site, losses: group }));
}
