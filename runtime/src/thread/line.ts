/** Where something stands in a {@link Line}. */
export interface Place<T> {
  readonly value: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
}

/**
 * Things in the order they came in, which leave in any order. A `Set` that things come into and leave all the time grows
 * new tables; one that the garbage collector has promoted keeps all that follow it, and what was in them, for long.
 */
export class Line<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;

  get first(): Place<T> | undefined {
    return this.#first;
  }

  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  has(place: Place<T>): boolean {
    return this.#first === place || place.before !== undefined;
  }

  add(value: T): Place<T> {
    const place: Place<T> = { value, before: this.#last, after: undefined };
    if (this.#last === undefined) this.#first = place;
    else this.#last.after = place;
    this.#last = place;
    return place;
  }

  /** What has left already stays away. */
  remove(place: Place<T>): void {
    if (!this.has(place)) return;
    const { before, after } = place;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    // A place that left must not keep others.
    place.before = undefined;
    place.after = undefined;
  }

  /** All that are there now. */
  values(): readonly T[] {
    const values: T[] = [];
    for (let place = this.#first; place !== undefined; place = place.after) values.push(place.value);
    return values;
  }
}
