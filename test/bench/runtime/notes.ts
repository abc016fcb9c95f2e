/** What the figures do not say by themselves. */
import type { Measured } from "./harness.js";
import { figure } from "./table.js";

const always = [
  `**Tasks and spawns.** The closures take a number and give one, and are written in the call that spawns them. Primitive
  values go through shared memory; everything else is posted, as others do. A closure whose text stands in several places
  of a file, or is handed on to \`spawn\`, costs some 3 µs more: V8 is asked each time where the call is.`,
  `**Locks.** A closure is compiled by each thread that runs it, and a short loop has ended before V8 is done: a lock costs
  two to three times as much in the first 50 ms of a thread.`,
  `**Memory.** On Node 24, what a parked worker has more than a raw one was, measured step by step, 0.2 MB for the text of the
  library, 0.5 MB for what V8 makes of it, and 0.9 MB once it has run. With nothing but what serves closures, and the rest
  left until somebody asks for it, it would be 1.1 MB, or 1.095 × a raw worker; that is not done.`,
];

export function notes(all: readonly Measured[]): string {
  return [...all.flatMap(aboutFloors), ...always].map((note) => `- ${note}`).join("\n");
}

/** Beside each floor, what of ours stands on it. */
function aboutFloors({ case: { title, unit }, rows }: Measured): readonly string[] {
  return rows
    .filter(({ contender }) => contender.side === "floor")
    .map(({ contender, statistics }) => {
      const ours = rows
        .filter(({ contender }) => contender.side === "ours")
        .map((row) => `${row.contender.name.replace(/^[^,]*, /, "")} ${figure(row.statistics, unit)}`);
      return `**${title}.** The floor, ${contender.name}: ${figure(statistics, unit)}. Beside it: ${ours.join("; ")}.`;
    });
}
