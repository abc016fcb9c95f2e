import { thread } from "fearless-threads";

/** A class whose instances may be sent to threads. */
export class Point {
  static readonly [thread.send] = { module: import.meta.url };
  declare readonly [thread.send]: true;

  constructor(
    readonly x: number,
    readonly y: number,
  ) {}

  length(): number {
    return Math.hypot(this.x, this.y);
  }
}
