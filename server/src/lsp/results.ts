/**
 * The findings of open documents, always of their latest version.
 *
 * One check runs for a document at a time. What was typed meanwhile makes its result worthless: it is dropped, and the
 * check starts again with the latest text. So typing fast costs one check, and nobody sees findings of an old text.
 */
import { createHash } from "node:crypto";
import { type CheckedReport, type Checker, unchecked } from "../checker/checker.js";
import type { SettingsStore } from "./settings.js";

/** A document as it is now. */
export interface CheckedDocument {
  readonly file: string;
  readonly version: number;
  readonly text: string;
}

export interface Result {
  readonly report: CheckedReport;
  readonly version: number;
  readonly text: string;
  /** The same for the same findings. */
  readonly id: string;
}

export interface Results {
  /**
   * The findings of the document's latest version. Undefined where it was closed meanwhile.
   *
   * @throws {CompilerUnavailable}
   */
  latest(uri: string): Promise<Result | undefined>;
  /** The last findings there were, of whatever version. */
  last(uri: string): Result | undefined;
  all(): readonly Result[];
  /** Something outside of the document changed: another file, a setting. */
  invalidate(): void;
  forget(uri: string): void;
}

export interface ResultsOptions {
  readonly checker: Pick<Checker, "check">;
  /** Undefined for a document that is not open, or that is not to be checked. */
  readonly document: (uri: string) => CheckedDocument | undefined;
  readonly settings: Pick<SettingsStore, "for">;
  /** Told of every report: rules can have failed in it. */
  readonly onReport: (report: CheckedReport) => void;
}

interface Entry {
  readonly result: Result;
  /** The state of everything outside of the document that the result was made with. */
  readonly epoch: number;
}

export function createResults(options: ResultsOptions): Results {
  const entries = new Map<string, Entry>();
  const running = new Map<string, Promise<Result | undefined>>();
  let epoch = 0;

  function current(uri: string): Result | undefined {
    const entry = entries.get(uri);
    const document = options.document(uri);
    if (entry === undefined || document === undefined) return undefined;
    return entry.epoch === epoch && entry.result.version === document.version ? entry.result : undefined;
  }

  /** Checks until a result is of the version that is then the latest. */
  async function run(uri: string): Promise<Result | undefined> {
    for (;;) {
      const document = options.document(uri);
      if (document === undefined) return undefined;
      const known = current(uri);
      if (known !== undefined) return known;
      const at = epoch;
      const settings = await options.settings.for(uri, document.file);
      const report = settings.enable ? await options.checker.check(document.file, settings) : unchecked(document.file);
      if (options.document(uri)?.version !== document.version || at !== epoch) continue;
      options.onReport(report);
      const { version, text } = document;
      entries.set(uri, { result: { report, version, text, id: identify(report) }, epoch: at });
    }
  }

  return {
    latest(uri) {
      const known = current(uri);
      if (known !== undefined) return Promise.resolve(known);
      const under = running.get(uri);
      if (under !== undefined) return under;
      const started = run(uri).finally(() => running.delete(uri));
      running.set(uri, started);
      return started;
    },
    last: (uri) => entries.get(uri)?.result,
    all: () => [...entries.values()].map(({ result }) => result),
    invalidate() {
      epoch++;
    },
    forget(uri) {
      entries.delete(uri);
    },
  };
}

function identify(report: CheckedReport): string {
  if (report.diagnostics.length === 0) return "none";
  return createHash("sha1").update(JSON.stringify(report.diagnostics)).digest("base64url");
}
