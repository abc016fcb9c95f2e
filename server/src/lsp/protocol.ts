/**
 * What the server and its clients say to each other beyond the Language Server Protocol. Plain data and names, so that
 * a client can import this file without the server.
 */

/** `initializationOptions`. Everything may be left out. */
export interface InitializationOptions {
  /**
   * Where links to pages lead: `<pageBase>rules/<rule>.md` and `<pageBase>concepts/<concept>.md`.
   * Default: the copies installed with the server, as `file:` URLs.
   *
   * @example `"fearless-threads:/"`
   */
  readonly pageBase?: string;
  /**
   * What a hover over a finding repeats of the finding itself. Default: `full`.
   * `none` is for editors that show diagnostics in the same hover: only what explains them is added.
   */
  readonly findingsInHover?: "full" | "none";
}

/** The section that clients configure: `fearlessThreads.enable`, `fearlessThreads.rules`. */
export const settingsSection = "fearlessThreads";

export interface Settings {
  readonly enable?: boolean;
  /** Levels by rule name: `off`, `hint`, `info`, `warning` or `error`. */
  readonly rules?: Readonly<Record<string, string>>;
}

/**
 * - `starting`: the server runs, the compiler has not been needed yet or is being loaded.
 * - `ready`: everything that is open has its findings.
 * - `busy`: a check is under way.
 * - `compiler-restarting`: the compiler died or hung; the findings shown are the last good ones.
 * - `failed`: the compiler cannot be had; `message` says what to do.
 */
export type ServerState = "starting" | "ready" | "busy" | "compiler-restarting" | "failed";

/** Server to client, on every change. */
export const statusNotification = "fearlessThreads/status";

export interface StatusParams {
  readonly state: ServerState;
  readonly message?: string;
  /** Findings in open files. */
  readonly errors: number;
  readonly warnings: number;
  readonly hints: number;
  /** Open files that use threads. */
  readonly checked: number;
}

/** Client to server: the findings of a file as the terminal shows them. */
export const renderRequest = "fearlessThreads/render";

export interface RenderParams {
  readonly uri: string;
}

export interface RenderResult {
  /** Plain text without colours; says so where there is nothing to report. */
  readonly text: string;
  /** The version of the document it was made from. */
  readonly version: number;
  /** How many findings it shows. */
  readonly findings: number;
}

/** Client to server: a rule's or a concept's page. The result is null where there is none. */
export const pageRequest = "fearlessThreads/page";

export interface PageParams {
  readonly kind: "rule" | "concept";
  /** `unjoined-handle`, `join`. */
  readonly name: string;
}

export interface PageResult {
  readonly title: string;
  readonly markdown: string;
}

/** The `data` of each published diagnostic. */
export interface DiagnosticData {
  readonly rule: string;
  readonly notes: readonly string[];
  readonly help: readonly string[];
}
