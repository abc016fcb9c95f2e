/** After so many looks in vain in a row, so many more would be, too, and nobody looks; then it is tried again. */
const looks = 8;
const rests = 24;

/**
 * How long to look for what may come at once, before one sleeps and has to be woken, which takes longer. It does not pay
 * where nothing comes at once, as with long work, or where there are more threads than cores.
 */
export class Glance {
  readonly #longest: number;
  /** How many times in a row nothing came. */
  #vain = 0;

  constructor(longest: number) {
    this.#longest = longest;
  }

  /** Milliseconds. */
  get ms(): number {
    return this.#vain % (looks + rests) < looks ? this.#longest : 0;
  }

  /** It came while one looked. */
  found(): void {
    this.#vain = 0;
  }

  /** It did not come, or nobody looked. */
  inVain(): void {
    this.#vain++;
  }
}
