export interface Statistics {
  readonly median: number;
  /** The 5th and the 95th percentile. */
  readonly low: number;
  readonly high: number;
  readonly rounds: number;
}

/** @throws RangeError where there are no values. */
export function statistics(values: readonly number[]): Statistics {
  if (values.length === 0) throw new RangeError("no rounds were measured");
  const sorted = [...values].sort((a, b) => a - b);
  return {
    median: percentile(sorted, 0.5),
    low: percentile(sorted, 0.05),
    high: percentile(sorted, 0.95),
    rounds: values.length,
  };
}

/** Between two values, in proportion. */
function percentile(sorted: readonly number[], share: number): number {
  const at = (sorted.length - 1) * share;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}
