import { Arc as ArcClass } from "./arc.js";

/**
 * A value shared by several threads: each clone is one owner, and all of them stand for the same value. The value's own
 * methods and fields are used on the `Arc` directly.
 *
 * A lock, and memory that is shared anyway, are the same in every thread. Plain data cannot be changed through an `Arc`:
 * put it in a `Mutex` for that.
 *
 * Source: Rust's `std::sync::Arc`.
 *
 * @class
 * @example
 * const counter = Arc.new(new Mutex(0));
 * const handle = thread.spawn(move(counter.clone()), (counter) => {
 *   using n = counter.lockSync().unwrap();
 *   n.value += 1;
 * });
 * (await handle.join()).unwrap();
 * using n = (await counter.lock()).unwrap();
 * console.log(n.value); // 1
 */
export const Arc = ArcClass;

/**
 * An owner of a shared `T`, used as a `T`.
 *
 * @interface
 */
export type Arc<T> = ArcClass<T> & T;
