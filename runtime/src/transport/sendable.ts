/**
 * The key under which a class says that its instances may be sent to other threads.
 *
 * An instance arrives as an instance of the same class, which the other thread imports from the module named here; its
 * own fields are sent (and checked) one by one, its constructor is not called. What a class declares for its instances under the key, in place of `true`, is what the
 * type checker looks at: `declare readonly [thread.send]: T` in a class that holds values of a type `T`. The module must export the class under
 * its own name, and must not be the program's entry file, since importing that would run the program again.
 *
 * @example
 * // point.ts
 * export class Point {
 *   static readonly [thread.send] = { module: import.meta.url };
 *   declare readonly [thread.send]: true; // lets the type checker accept instances
 *   constructor(readonly x: number, readonly y: number) {}
 *   length() { return Math.hypot(this.x, this.y); }
 * }
 * // main.ts
 * import { Point } from "./point.js";
 * const handle = thread.spawn(move(new Point(3, 4)), (point) => point.length());
 * console.log((await handle.join()).unwrap()); // 5
 */
export const send: unique symbol = Symbol.for("fearless-threads.send");

/** What a class says under {@link send}. */
export interface SendRegistration {
  /** URL of the module that exports the class: `import.meta.url`. */
  readonly module: string;
  /** The name it is exported under; the class's own name where this is absent. */
  readonly export?: string;
}
