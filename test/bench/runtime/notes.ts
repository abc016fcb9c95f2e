/** What the figures do not say by themselves. */
import type { Measured } from "./harness.js";
import { figure } from "./table.js";

const always = [
  `**Tasks and spawns.** The closures take a number and give one, and are written in the call that spawns them. Primitive
  values go through shared memory; everything else is posted, as others do. A closure whose text stands in several places
  of a file, or is handed on to \`spawn\`, costs some 3 µs more: V8 is asked each time where the call is.`,
  `**Locks.** A closure is compiled by each thread that runs it, and a short loop has ended before V8 is done: a lock costs
  two to three times as much in the first 50 ms of a thread.`,
  `**Waiting.** A worker that has nothing to do looks for 10 µs whether more comes, and the event loop for 50 µs whether an answer
  does, before they sleep: to be woken takes longer. Where another program has one of two cores that is in vain, so it is left
  out after some tries; then a warm spawn and join takes some two
  round trips to a raw worker, and where both cores are free less than one.`,
  `**Memory.** A worker starts with what serves closures, less than a third of the library, and takes 0.8 MB more than a raw one on
  Node 24, 0.3 MB on Node 22, 0.2 MB on Node 20. It gets the rest when a closure asks for it, which then takes 1.8 MB more:
  one that is given a lock or a channel, imports the library, or needs what a compiler has put beside it.`,
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
