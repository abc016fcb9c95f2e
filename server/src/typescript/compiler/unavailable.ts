/**
 * - `not-found`: there is no native compiler for this platform.
 * - `start-failed`: it did not start, or did not open its socket in time.
 * - `timeout`: it did not answer in time, and was killed. The next call starts another one.
 * - `exited`: it died. The next call starts another one.
 * - `closed`: {@link Compiler.close} was called.
 */
export type UnavailableReason = "not-found" | "start-failed" | "timeout" | "exited" | "closed";

/** The compiler cannot answer now. `message` says why, `help` what to do about it. */
export class CompilerUnavailable extends Error {
  override readonly name = "CompilerUnavailable";
  readonly reason: UnavailableReason;
  readonly help: string;

  constructor(
    reason: UnavailableReason,
    message: string,
    options: { readonly help: string; readonly cause?: unknown },
  ) {
    super(`${message} ${options.help}`, options.cause === undefined ? undefined : { cause: options.cause });
    this.reason = reason;
    this.help = options.help;
  }

  /** Asking again can help: another compiler is started for the next question. */
  get retryable(): boolean {
    return this.reason === "timeout" || this.reason === "exited";
  }
}
