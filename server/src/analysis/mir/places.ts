/** When two places are one. */
import type { Place, Projection } from "./mir.js";

/**
 * Whether two places are surely one, as long as nothing between them writes to either.
 *
 * An element that is chosen by what is not known is not even itself: between two mentions of `a[i]`, `i` may have changed.
 */
export function isSamePlace(a: Place, b: Place): boolean {
  return a.path.length === b.path.length && isWithin(a, b);
}

/** Whether a place is another one, or surely belongs to it: `job.items[0]` to `job.items`. */
export function isWithin(inner: Place, { base, path }: Place): boolean {
  return inner.base === base && path.every((step, at) => isSameStep(step, inner.path[at]));
}

function isSameStep(a: Projection, b: Projection | undefined): boolean {
  if (a.kind === "field") return b?.kind === "field" && a.name === b.name;
  return b?.kind === "index" && a.constant !== undefined && a.constant === b.constant;
}
