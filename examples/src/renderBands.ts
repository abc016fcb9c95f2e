import type { Arc, Mutex, Sender } from "fearless-threads";
import type { Band, Progress, View } from "./picture.js";

/**
 * The work of one thread: takes the next band that nobody has taken yet, renders it, sends it off, until there are none.
 *
 * It runs on a thread, so it uses its parameters and nothing from around it. Bands differ a lot in what they cost (the
 * inside of the set takes all the steps there are), so they are not dealt out in advance: whoever is free takes the next.
 */
export function renderBands(
  view: View,
  nextRow: Arc<Mutex<number>>,
  progress: Arc<Mutex<Progress>>,
  bands: Sender<Band>,
): number {
  /** The first row of a band that is now this thread's. Held for an instant only: the others wait for it. */
  function takeBand(): number {
    using next = nextRow.lockSync().unwrap();
    const top = next.value;
    next.value = top + view.bandHeight;
    return top;
  }

  /** How many steps the point takes to escape, with a fraction for smooth colours; 0 for one that does not. */
  function escapeTime(re: number, im: number): number {
    let x = 0;
    let y = 0;
    for (let step = 1; step <= view.maxSteps; step++) {
      const next = x * x - y * y + re;
      y = 2 * x * y + im;
      x = next;
      const square = x * x + y * y;
      if (square > 256) return step + 1 - Math.log2(Math.log2(square) / 2);
    }
    return 0;
  }

  function renderBand(top: number): { readonly band: Band; readonly steps: number } {
    const rows = Math.min(view.bandHeight, view.height - top);
    const pixels = new Uint8Array(rows * view.width * 3);
    const pixelSize = view.span / view.width;
    let steps = 0;
    for (let row = 0; row < rows; row++) {
      const im = view.centre.im - (top + row - view.height / 2) * pixelSize;
      for (let column = 0; column < view.width; column++) {
        const time = escapeTime(view.centre.re + (column - view.width / 2) * pixelSize, im);
        steps += time === 0 ? view.maxSteps : Math.floor(time);
        if (time === 0) continue;
        const shade = Math.log(time) * 1.9;
        const at = (row * view.width + column) * 3;
        pixels[at] = 128 - 127 * Math.cos(shade);
        pixels[at + 1] = 128 - 127 * Math.cos(shade - 0.7);
        pixels[at + 2] = 128 - 127 * Math.cos(shade - 1.6);
      }
    }
    return { band: { top, rows, pixels }, steps };
  }

  let rendered = 0;
  for (let top = takeBand(); top < view.height; top = takeBand()) {
    const { band, steps } = renderBand(top);
    rendered += 1;
    {
      using total = progress.lockSync().unwrap();
      total.value = { rows: total.value.rows + band.rows, steps: total.value.steps + steps };
    }
    bands.send(band).unwrap();
  }
  return rendered;
}
