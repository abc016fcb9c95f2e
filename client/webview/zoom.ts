/** How much of the time is seen at once: buttons, keys, and the wheel with Ctrl. */
import type { Timeline } from "../src/timeline/timeline.js";

export interface Zoom {
  readonly controls: HTMLElement;
  /** The time that the whole width stands for. */
  fit(timeline: Timeline): { readonly from: number; readonly to: number };
  factor(): number;
  /** After the lanes were drawn anew. */
  apply(): void;
}

const most = 256;

export function createZoom(lanes: HTMLElement, redraw: () => void): Zoom {
  let factor = 1;
  const set = (next: number, pointer?: number): void => {
    const before = factor;
    factor = Math.max(1, Math.min(most, next));
    if (factor === before) return;
    const x = pointer ?? lanes.clientWidth / 2;
    const left = ((lanes.scrollLeft + x) * factor) / before - x;
    redraw();
    lanes.scrollLeft = left;
  };
  const controls = document.createElement("div");
  controls.className = "zoom";
  for (const [text, label, next] of [
    ["−", "Zoom out", () => factor / 2],
    ["+", "Zoom in", () => factor * 2],
    ["Fit", "Show all", () => 1],
  ] as const) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = text;
    button.title = label;
    button.setAttribute("aria-label", label);
    button.addEventListener("click", () => set(next()));
    controls.append(button);
  }
  lanes.addEventListener("keydown", ({ key }) => {
    if (key === "+" || key === "=") set(factor * 2);
    else if (key === "-") set(factor / 2);
    else if (key === "0") set(1);
  });
  lanes.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      set(factor * (event.deltaY < 0 ? 1.25 : 0.8), event.clientX - lanes.getBoundingClientRect().left);
    },
    { passive: false },
  );
  return {
    controls,
    fit({ lanes: all, end }) {
      // What the main thread did before it started the first one is compiling, mostly.
      const first = Math.min(...all.filter(({ parent }) => parent !== undefined).map(({ start }) => start));
      const from = Number.isFinite(first) ? Math.max(0, first - (end - first) * 0.04) : 0;
      return { from, to: Math.max(end, from + 0.1) };
    },
    factor: () => factor,
    apply() {
      lanes.style.setProperty("--zoom", String(factor));
    },
  };
}
