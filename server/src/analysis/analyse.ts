/**
 * The one entrance to the analysis: a snapshot and a file in, findings out.
 *
 * A session keeps what one edit need not compute again. It holds no snapshot.
 */
import type { Diagnostic, Severity } from "./diagnostic.js";
import type { Module } from "./mir/mir.js";
import type { Snapshot } from "./program/program.js";

/** What the user set a rule to. Rules that are not named have their default. */
export type RuleLevels = Readonly<Record<string, Severity | "off">>;

export interface FileReport {
  readonly file: string;
  /** False where the cheap filter saw that the file has nothing to do with threads. */
  readonly checked: boolean;
  readonly diagnostics: readonly Diagnostic[];
  /** Rules that threw. Their findings are missing; the other rules' are here. */
  readonly failures: readonly { readonly rule: string; readonly error: Error }[];
}

export interface Session {
  /** Findings of one file, in order of position. Returns an empty, unchecked report for a file without a tree. */
  analyse(snapshot: Snapshot, file: string, levels: RuleLevels): Promise<FileReport>;
  /** The lowered file, for the `dump` command. */
  lower(snapshot: Snapshot, file: string): Promise<Module | undefined>;
  /** Tells the session that a file's text is another one from now on. */
  invalidate(file: string): void;
}
