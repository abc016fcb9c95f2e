/** What the check of one file gave, as plain data: it goes between threads and into the cache. */
import type { Diagnostic } from "../analysis/diagnostic.js";
import type { Checker } from "../checker/checker.js";
import type { Configs } from "../config/find-config.js";

export interface Outcome {
  readonly file: string;
  /** False where it turned out that the file does not use threads. */
  readonly checked: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Rules that threw, each with its message. */
  readonly failures: readonly { readonly rule: string; readonly message: string }[];
  /** Why the file was left out, as a sentence. */
  readonly omission: string | undefined;
  /** The files whose text went into the findings. */
  readonly reads: readonly string[];
  /** Files whose importers had a say in the findings, whether the file imports them or not. */
  readonly around: readonly string[];
}

export interface Checking {
  readonly checker: Checker;
  readonly configs: Configs;
}

/** Files that the compiler is given at once where several take turns at the batches. */
export const batchSize = 32;

/** And where one takes them all: the more there are, the less it waits for an answer with nothing else to do. */
const batchSizeAlone = 128;

/** Files that are checked at the same time: while the compiler answers for one, another one is analysed. */
const atOnce = 8;

/** Checks files that lie together, in order. */
export async function checkBatch(
  files: readonly string[],
  { checker, configs }: Checking,
  onFile: (file: string) => void = () => {},
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = files.entries();
  checker.look(files);
  const checkNext = async (): Promise<void> => {
    // They take turns at the same list.
    for (const [index, file] of waiting) {
      onFile(file);
      const {
        checked,
        diagnostics,
        failures,
        omission,
        reads,
        around = [],
      } = await checker.check(file, configs.for(file));
      const failed = failures.map(({ rule, error }) => ({ rule, message: error.message }));
      outcomes[index] = { file, checked, diagnostics, failures: failed, omission, reads, around };
    }
  };
  await Promise.all(Array.from({ length: atOnce }, checkNext));
  return outcomes;
}

export function batchesOf(files: readonly string[], jobs: number): readonly (readonly string[])[] {
  const size = jobs > 1 ? batchSize : batchSizeAlone;
  return Array.from({ length: Math.ceil(files.length / size) }, (_, index) =>
    files.slice(index * size, (index + 1) * size),
  );
}
