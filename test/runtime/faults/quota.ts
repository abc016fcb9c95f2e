// An error class of its own module, which threads can import.
import { thread } from "fearless-threads";

export class QuotaError extends RangeError {
  static readonly [thread.send] = { module: import.meta.url };
  override readonly name = "QuotaError";
  readonly limit: number;

  constructor(limit: number, options?: ErrorOptions) {
    super(`more than ${limit}`, options);
    this.limit = limit;
  }

  over(used: number): number {
    return used - this.limit;
  }
}
