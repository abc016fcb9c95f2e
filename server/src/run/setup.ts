/** What the starting process tells the running one, in an environment variable. */

/** Carries a {@link RunSetup} as JSON. */
export const setupVariable = "FEARLESS_THREADS_RUN";

/** The descriptor that reports are written to, one JSON text a line. */
export const reportDescriptor = 3;

export interface RunSetup {
  /** The runtime for programs that have not installed one: the path of its entry. */
  readonly runtime: string;
  /** Texts that stand in for what is on disk: the path of a file, and of the file that holds its text. */
  readonly overlays: Readonly<Record<string, string>>;
  /** Imports that are not found from the program's own place are looked up from this folder. */
  readonly folder: string;
  /** Whether to tell what threads wait for. */
  readonly activity: boolean;
}

/** @throws where this process was not started by `runProgram`. */
export function readSetup(): RunSetup {
  const text = process.env[setupVariable];
  if (text === undefined) throw new Error(`${setupVariable} is not set: this module is loaded by the runner only.`);
  return JSON.parse(text) as RunSetup;
}
