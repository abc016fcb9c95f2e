/** What `check` can be told. */
import type { Severity } from "../analysis/diagnostic.js";

export const formats = ["text", "json", "sarif", "github"] as const;
export type Format = (typeof formats)[number];

export const failLevels = ["error", "warning", "hint"] as const;
export type FailLevel = (typeof failLevels)[number];

/** One of `count` parts, counted from 1. */
export interface Shard {
  readonly index: number;
  readonly count: number;
}

export interface CheckOptions {
  readonly paths: readonly string[];
  readonly cwd: string;
  readonly format: Format;
  readonly fix: boolean;
  readonly failOn: FailLevel;
  /** More warnings than this fail, and fewer do not. */
  readonly maxWarnings: number | undefined;
  /** Only errors are reported. */
  readonly quiet: boolean;
  readonly colors: boolean;
  /** What standard input is checked as. */
  readonly stdinFilename: string | undefined;
  readonly changedSince: string | undefined;
  readonly shard: Shard | undefined;
  readonly jobs: number | "auto";
  readonly cache: boolean;
  readonly cacheLocation: string | undefined;
  readonly baseline: string | undefined;
  readonly updateBaseline: boolean;
  readonly watch: boolean;
}

/** 0: clean. 1: findings. 2: could not run, or not on everything that was asked for. 130, 143: was told to stop. */
export type ExitCode = 0 | 1 | 2 | 130 | 143;

/** What somebody asked for and cannot have: wrong usage, not a fault. `message` says what to do. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export const ranks: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1, hint: 1 };

export function complain(message: string): void {
  process.stderr.write(`fearless-threads: ${message}\n`);
}
