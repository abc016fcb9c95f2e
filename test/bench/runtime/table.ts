/** The figures as Markdown. */
import type { Bar, Case, Measured, Median } from "./harness.js";
import type { Statistics } from "./statistics.js";

/** One row for each thing of ours: beside what it stands on, and whether the contract's bar is met. */
export function summary(all: readonly Measured[]): string {
  const rows = all.flatMap((measured) => {
    const medians = mediansOf(measured);
    const raw = medians.find(({ side }) => side === "raw");
    const best = bestOther(measured.case, medians);
    return measured.rows
      .filter(({ contender }) => contender.side === "ours")
      .map(({ contender, statistics }) => {
        const cells = [
          `[${measured.case.title}](#${measured.case.id})`,
          variantOf(contender.name),
          figure(statistics, measured.case.unit),
          ratio(statistics.median, raw?.median),
          best === undefined ? "–" : `${best.name}, ${short(best.median)} ${measured.case.unit}`,
          measured.case.bar?.text ?? "–",
          contender.beyondBar ?? verdict(measured.case, statistics.median, medians),
        ];
        return `| ${cells.join(" | ")} |`;
      });
  });
  return [
    "| what | ours | median [5 % – 95 %] | of raw | the best of the others | bar | |",
    "|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

/** All contenders of a case. */
export function details(measured: Measured): string {
  const medians = mediansOf(measured);
  const raw = medians.find(({ side }) => side === "raw")?.median;
  const { unit, better, id, title } = measured.case;
  const rows = measured.rows.map(
    ({ contender, statistics }) =>
      `| ${contender.name}${contender.side === "floor" ? " (floor)" : ""} | ${figure(statistics, unit)} | ${ratio(statistics.median, raw)} | ${statistics.rounds} |`,
  );
  return [
    `### ${id}`,
    "",
    `${title}; ${better} is better.`,
    "",
    "| | median [5 % – 95 %] | of raw | rounds |",
    "|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function mediansOf({ rows }: Measured): readonly Median[] {
  return rows.map(({ contender, statistics }) => ({
    name: contender.name,
    side: contender.side,
    median: statistics.median,
  }));
}

/** The best of those who are neither ours nor raw. */
function bestOther({ better }: Case, medians: readonly Median[]): Median | undefined {
  const others = medians.filter(({ side, name }) => side === "other" && !name.startsWith("Rust"));
  const sign = better === "less" ? 1 : -1;
  return [...others].sort((a, b) => sign * (a.median - b.median))[0];
}

function verdict({ bar, better }: Case, median: number, medians: readonly Median[]): string {
  const limit = limitOf(bar, medians);
  if (limit === undefined) return "–";
  return (better === "less" ? median <= limit : median >= limit) ? "met" : "**not met**";
}

function limitOf(bar: Bar | undefined, medians: readonly Median[]): number | undefined {
  return bar?.limit(medians);
}

function variantOf(name: string): string {
  return name.includes(", ") ? `\`${name.replace(/^[^,]*, /, "")}\`` : name;
}

export function figure({ median, low, high }: Statistics, unit: string): string {
  return `${short(median)} ${unit} [${short(low)} – ${short(high)}]`;
}

function ratio(median: number, raw: number | undefined): string {
  return raw === undefined ? "–" : `${(median / raw).toFixed(2)} ×`;
}

/** Three significant digits. */
function short(value: number): string {
  return Math.abs(value) >= 100 ? value.toFixed(0) : value.toPrecision(3);
}
