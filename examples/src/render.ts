import { Arc, drop, Mutex, move, mpsc, thread } from "fearless-threads";
import type { Band, Progress, View } from "./picture.js";
import { renderBands } from "./renderBands.js";

export interface Rendering {
  /** Three bytes a pixel, row by row from the top. */
  readonly pixels: Uint8Array;
  /** How many bands each thread rendered. */
  readonly bandsByThread: readonly number[];
  readonly milliseconds: number;
}

/**
 * Renders the view on as many threads as asked for, and tells how far it is after every band.
 *
 * @throws what the first failed thread panicked with.
 */
export async function render(
  view: View,
  threads: number,
  onProgress: (progress: Progress) => void,
): Promise<Rendering> {
  const started = performance.now();
  const pixels = new Uint8Array(view.width * view.height * 3);
  const nextRow = Arc.new(new Mutex(0));
  const progress = Arc.new(new Mutex<Progress>({ rows: 0, steps: 0 }));
  const [sender, bands] = mpsc.channel<Band>();

  const handles = [];
  for (let i = 0; i < threads; i++) {
    handles.push(thread.spawn(move(view, nextRow.clone(), progress.clone(), sender.clone()), renderBands));
  }
  // The loop ends when the last sender is gone, so the one that no thread has must go now.
  drop(sender);

  for await (const band of bands) {
    pixels.set(band.pixels, band.top * view.width * 3);
    using now = (await progress.lock()).unwrap();
    onProgress(now.value);
  }

  const bandsByThread = [];
  for (const handle of handles) bandsByThread.push((await handle.join()).unwrap());
  return { pixels, bandsByThread, milliseconds: performance.now() - started };
}
