/** One thing that runs tasks on other threads, as its documentation recommends. */
export interface Pool {
  /** Gives `n + 1`. */
  add(n: number): Promise<number>;
  /** Copies the value there and back. */
  echo<T>(value: T): Promise<T>;
  /** Gives the bytes away, has one added to the first of them, and gets them back. */
  bounce(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>>;
  /** Computes `burn(n)`. */
  burn(n: number): Promise<number>;
  close(): Promise<void>;
}

export interface PoolKind {
  readonly name: string;
  readonly side: "ours" | "raw" | "other";
  /** Opens a pool of so many threads. */
  open(size: number): Promise<Pool>;
}
