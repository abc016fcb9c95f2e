/** What it takes to look into a file: the compiler's client and the analysis, in one part that is loaded when needed. */
import { createSession } from "../analysis/analyse.js";
import { createProgramHost, type HostOptions, type ProgramHost } from "../typescript/host.js";
import { identifierAt } from "../typescript/identifier-at.js";

export interface Engine {
  readonly host: ProgramHost;
  readonly createSession: typeof createSession;
  readonly identifierAt: typeof identifierAt;
}

export function createEngine(options: HostOptions): Engine {
  return { host: createProgramHost(options), createSession, identifierAt };
}
