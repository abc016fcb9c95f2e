/** Above this many rows, they are found by an index: to make one costs more than to look through these many. */
const few = 24;

const none: readonly never[] = [];

/**
 * A map of few entries that is copied by sharing what it holds: worlds are copied at each step, and a step changes an
 * entry or two. Going over it goes over what was in it at the beginning, so that it may be changed meanwhile.
 */
export class Table<K, V> implements Iterable<readonly [K, V]> {
  /** In the order in which they were put in. Never changed in place, as the values are not. */
  private ids: readonly K[];
  /** The value of each key, at the same position. */
  private held: readonly V[];
  /** Where each key is, once somebody looked for one among many. */
  private index: ReadonlyMap<K, number> | undefined;

  constructor(from?: Table<K, V>) {
    this.ids = from === undefined ? none : from.ids;
    this.held = from === undefined ? none : from.held;
    this.index = from === undefined ? undefined : from.index;
  }

  get size(): number {
    return this.ids.length;
  }

  get(key: K): V | undefined {
    return this.held[this.find(key)];
  }

  has(key: K): boolean {
    return this.find(key) >= 0;
  }

  set(key: K, value: V): void {
    const at = this.find(key);
    if (at < 0) {
      this.ids = [...this.ids, key];
      this.held = [...this.held, value];
      this.index = undefined;
    } else if (this.held[at] !== value) this.held = this.held.with(at, value);
  }

  delete(key: K): void {
    const at = this.find(key);
    if (at < 0) return;
    this.ids = this.ids.toSpliced(at, 1);
    this.held = this.held.toSpliced(at, 1);
    this.index = undefined;
  }

  /** Gives each key another value, or drops it where there is none. */
  change(to: (value: V, key: K) => V | undefined): void {
    const { ids, held } = this;
    let [changed, dropped] = [false, false];
    const values = held.map((value, at) => {
      const now = to(value, ids[at]!);
      changed ||= now !== value;
      dropped ||= now === undefined;
      return now;
    });
    if (!changed) return;
    this.held = values.filter((value) => value !== undefined);
    if (!dropped) return;
    this.ids = ids.filter((_, at) => values[at] !== undefined);
    this.index = undefined;
  }

  /** Whether both have the same keys, in any order, with values that are the same. */
  equals(other: Table<K, V>, same: (value: V, other: V) => boolean): boolean {
    // What was not changed since one was copied from the other is the same.
    if (this.held === other.held && this.ids === other.ids) return true;
    if (this.size !== other.size) return false;
    return this.ids.every((key, at) => {
      const [mine, its] = [this.held[at]!, other.get(key)];
      return its !== undefined && (its === mine || same(mine, its));
    });
  }

  keys(): readonly K[] {
    return this.ids;
  }

  values(): readonly V[] {
    return this.held;
  }

  /** The keys of the values for which `test` holds. */
  keysOf(test: (value: V, key: K) => boolean): readonly K[] {
    if (this.ids.length === 0) return none;
    const { ids, held } = this;
    return ids.filter((key, at) => test(held[at]!, key));
  }

  [Symbol.iterator](): IterableIterator<readonly [K, V]> {
    const { held } = this;
    return this.ids.map((key, at) => [key, held[at]!] as const)[Symbol.iterator]();
  }

  private find(key: K): number {
    const { ids } = this;
    if (ids.length <= few) return ids.indexOf(key);
    this.index ??= new Map(ids.map((one, at) => [one, at] as const));
    return this.index.get(key) ?? -1;
  }
}
