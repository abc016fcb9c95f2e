/** What is rendered, and the pieces in which it is worked on. */

/** A part of the complex plane and the picture that shows it. */
export interface View {
  /** In pixels. */
  readonly width: number;
  readonly height: number;
  /** The point in the middle of the picture. */
  readonly centre: { readonly re: number; readonly im: number };
  /** How much of the real axis the picture's width shows. */
  readonly span: number;
  /** A point that has not escaped after this many steps counts as inside. */
  readonly maxSteps: number;
  /** How many rows a thread takes at a time. */
  readonly bandHeight: number;
}

/** Finished rows of the picture: three bytes a pixel, red, green, blue. */
export interface Band {
  readonly top: number;
  readonly rows: number;
  readonly pixels: Uint8Array;
}

/** What the threads have done so far, all of them together. */
export interface Progress {
  readonly rows: number;
  readonly steps: number;
}
