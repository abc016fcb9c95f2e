/** What a table holds, in the order in which it was put in. Never changed in place. */
type Rows<K, V> = readonly (readonly [K, V])[];

/** Above this many rows, they are found by an index: to make one costs more than to look through these many. */
const few = 24;

/**
 * A map of few entries that is copied by sharing what it holds: worlds are copied at each step, and a step changes an
 * entry or two. Iterating goes over what was in it at the beginning, so that it may be changed meanwhile.
 */
export class Table<K, V> implements Iterable<readonly [K, V]> {
  private rows: Rows<K, V>;
  /** Where each key is, once somebody looked for one in many rows. */
  private index: ReadonlyMap<K, number> | undefined;

  constructor(from?: Table<K, V>) {
    this.rows = from === undefined ? [] : from.rows;
    this.index = from?.index;
  }

  get size(): number {
    return this.rows.length;
  }

  get(key: K): V | undefined {
    const at = this.find(key);
    return at < 0 ? undefined : this.rows[at]?.[1];
  }

  has(key: K): boolean {
    return this.find(key) >= 0;
  }

  set(key: K, value: V): void {
    const at = this.find(key);
    if (at < 0) {
      this.rows = this.rows.concat([[key, value]]);
      this.index = undefined;
    } else if (this.rows[at]?.[1] !== value) {
      const rows = this.rows.slice();
      rows[at] = [key, value];
      this.rows = rows;
    }
  }

  delete(key: K): void {
    const at = this.find(key);
    if (at < 0) return;
    this.rows = this.rows.filter((_, position) => position !== at);
    this.index = undefined;
  }

  /** Gives each key another value, or drops it where there is none. */
  change(to: (value: V, key: K) => V | undefined): void {
    let rows: (readonly [K, V])[] | undefined;
    for (const [position, row] of this.rows.entries()) {
      const value = to(row[1], row[0]);
      if (value === row[1]) {
        rows?.push(row);
        continue;
      }
      rows ??= this.rows.slice(0, position);
      if (value !== undefined) rows.push([row[0], value]);
    }
    if (rows === undefined) return;
    this.rows = rows;
    this.index = undefined;
  }

  /** Whether nothing was changed since one was copied from the other, or both from a third. */
  isSame(other: Table<K, V>): boolean {
    return this.rows === other.rows || (this.rows.length === 0 && other.rows.length === 0);
  }

  keys(): readonly K[] {
    return this.rows.map(([key]) => key);
  }

  values(): readonly V[] {
    return this.rows.map(([, value]) => value);
  }

  [Symbol.iterator](): IterableIterator<readonly [K, V]> {
    return this.rows[Symbol.iterator]();
  }

  private find(key: K): number {
    const { rows } = this;
    if (rows.length <= few) {
      for (let at = 0; at < rows.length; at++) if (rows[at]?.[0] === key) return at;
      return -1;
    }
    this.index ??= new Map(rows.map(([one], at) => [one, at] as const));
    return this.index.get(key) ?? -1;
  }
}
