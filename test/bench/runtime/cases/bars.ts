import type { Bar, Median } from "../harness.js";

const rawMedian = (medians: readonly Median[]) => medians.find(({ side }) => side === "raw")?.median;

/** So many times what raw workers do. */
export function timesRaw(sign: "≤" | "≥", factor: number, what: string): Bar {
  return {
    text: `${sign} ${factor} × ${what}`,
    limit: (medians) => {
      const raw = rawMedian(medians);
      return raw === undefined ? undefined : raw * factor;
    },
  };
}

export function absolute(text: string, limit: number): Bar {
  return { text, limit: () => limit };
}

/** As many as the fastest of everything else that was measured. */
export const bestOfOthers: Bar = {
  text: "≥ the best of the others",
  limit: (medians) => {
    const others = medians.filter(({ side }) => side === "raw" || side === "other").map(({ median }) => median);
    return others.length === 0 ? undefined : Math.max(...others);
  },
};
