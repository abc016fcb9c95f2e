// Renders a piece of the Mandelbrot set, first on one thread and then on all that the machine has, and writes a PNG.
//
//   npx fearless-threads run examples/src/main.ts
//   npx tsx examples/src/main.ts --width 1920 --threads 8 --out picture.png
import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { thread } from "fearless-threads";
import type { View } from "./picture.js";
import { encodePng } from "./png.js";
import { progressBar } from "./progressBar.js";
import { type Rendering, render } from "./render.js";

const { values } = parseArgs({
  options: {
    width: { type: "string", default: "1200" },
    threads: { type: "string", default: String(thread.availableParallelism()) },
    out: { type: "string", default: "out/mandelbrot.png" },
  },
});
const width = positive("--width", values.width);
const threads = positive("--threads", values.threads);
const view: View = {
  width,
  height: Math.ceil((width * 2) / 3),
  centre: { re: -0.7453, im: 0.1127 },
  span: 0.0065,
  maxSteps: 1500,
  bandHeight: 8,
};

const alone = await renderOn(1);
const together = threads > 1 ? await renderOn(threads) : alone;
if (Buffer.compare(alone.pixels, together.pixels) !== 0) throw new Error("the two pictures differ");

await mkdir(dirname(values.out), { recursive: true });
await writeFile(values.out, encodePng(view.width, view.height, together.pixels));
console.log(`speed-up: ${(alone.milliseconds / together.milliseconds).toFixed(2)} ×`);
console.log(`picture:  ${values.out}`);

async function renderOn(count: number): Promise<Rendering> {
  const bar = progressBar(process.stdout, count === 1 ? "1 thread" : `${count} threads`);
  const rendering = await render(view, count, (progress) => bar.show(progress.rows / view.height));
  bar.finish(`${rendering.milliseconds.toFixed(0)} ms, bands by thread: ${rendering.bandsByThread.join(" ")}`);
  return rendering;
}

function positive(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number > 0) return number;
  console.error(`${option}: expected a whole number above 0, found ${JSON.stringify(text)}`);
  process.exit(2);
}
