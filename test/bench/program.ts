/** A file of about 300 lines that uses threads all over, as a user would write it. */

function section(index: number): string {
  return `
interface Job${index} {
  readonly id: number;
  readonly words: readonly string[];
}

/** Counts the words of one job on a thread of its own. */
export async function count${index}(job: Job${index}): Promise<number> {
  const words = [...job.words];
  const handle = thread.spawn(move(words), (words) => {
    let total = 0;
    for (const word of words) total += word.length;
    return total;
  });
  const result = await handle.join();
  return result.unwrap();
}

/** Adds up on several threads, behind a lock. */
export async function total${index}(jobs: readonly Job${index}[]): Promise<number> {
  const sum = Arc.new(new Mutex(0));
  const handles = [];
  for (const job of jobs) {
    const ids = [job.id];
    handles.push(
      thread.spawn(move(sum.clone(), ids), async (sum, ids) => {
        using guard = (await sum.lock()).unwrap();
        guard.value += ids.length;
      }),
    );
  }
  for (const handle of handles) (await handle.join()).unwrap();
  using guard = (await sum.lock()).unwrap();
  return guard.value;
}
`;
}

export function threadProgram(): string {
  const sections = Array.from({ length: 8 }, (_, index) => section(index));
  return `import { Arc, Mutex, move, thread } from "fearless-threads";\n${sections.join("")}`;
}

/** As long, without threads. */
export function plainProgram(): string {
  return threadProgram()
    .replace(/^import.*\n/, "")
    .replace(/thread\.spawn|move|Arc\.new/g, "plain")
    .replace(/^/, "declare const plain: any;\ndeclare const Mutex: any;\n");
}
