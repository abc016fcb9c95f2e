/**
 * The page of the timeline: a row a thread, a bar for its life, and on it the stretches in which it waited.
 *
 * It is plain elements placed by percentages: buttons, which a keyboard and a screen reader know already. So little is
 * drawn that a library for charts would save nothing.
 */
import { lineKey, type PageMessage, type ShowMessage } from "../src/timeline/messages.js";
import type { Lane, Timeline, Wait } from "../src/timeline/timeline.js";
import { duration, endText, stretchText, summaryText, waitText } from "./words.js";
import { createZoom } from "./zoom.js";

declare function acquireVsCodeApi(): { postMessage(message: PageMessage): void };

type Place = NonNullable<Wait["at"]>;

/** Something that can be chosen: what is said of it, and where it is in the source. */
interface Item {
  readonly element: HTMLButtonElement;
  readonly says: string;
  readonly at: Place | undefined;
}

const editor = acquireVsCodeApi();
const title = element("h1", "title");
const summary = element("p", "summary");
const table = element("div", "lanes");
const details = element("p", "details");
const list = element("ol", "list");
const zoom = createZoom(table, () => {
  if (shown !== undefined) show(shown);
});
let shown: ShowMessage | undefined;

/** The bars of each row, as the arrow keys go. */
let rows: readonly (readonly Item[])[] = [];
let current = { row: 0, item: 0 };

table.setAttribute("role", "application");
table.setAttribute("aria-label", "Threads. Arrow keys go from bar to bar, Enter goes to the source.");
details.setAttribute("aria-live", "polite");
details.textContent = hint();
const asList = element("details", "as-list");
asList.append(withText("summary", "The same as a list"), list);
const header = element("header");
header.append(title, summary, zoom.controls, legend());
document.body.append(header, table, details, asList);

window.addEventListener("message", ({ data }: MessageEvent<ShowMessage>) => {
  if (data.type === "show") show(data);
});
table.addEventListener("keydown", walk);
editor.postMessage({ type: "ready" });

function show(message: ShowMessage): void {
  shown = message;
  const { title: name, timeline } = message;
  title.textContent = name;
  summary.textContent = summaryText(timeline) + (timeline.state === "running" ? " so far" : "");
  const view = zoom.fit(timeline);
  const shareOf = (time: number): number => Math.max(0, Math.min(1, (time - view.from) / (view.to - view.from)));
  const at = (time: number): string => `${shareOf(time) * 100}%`;
  const drawn = timeline.lanes.map((lane) => drawLane(lane, at));
  const canvas = element("div", "canvas");
  canvas.append(ruler(view), ...drawn.map(({ row }) => row), ...ties(timeline, shareOf));
  if (timeline.unseen > 0) canvas.append(withText("p", `… and ${timeline.unseen} more threads`));
  const hadFocus = table.contains(document.activeElement);
  table.replaceChildren(canvas);
  zoom.apply();
  rows = drawn.map(({ items }) => items);
  const bars = drawn.flatMap(({ items: [, ...rest] }) => rest);
  list.replaceChildren(...bars.map(({ says, at: place }) => listItem(says, place)));
  select(current.row, current.item, hadFocus ? "and focus" : "quietly");
}

function drawLane(lane: Lane, at: (time: number) => string): { row: HTMLElement; items: readonly Item[] } {
  const name = item(`${lane.name} ${endText(lane)}`, lane.spawnedAt, "name");
  name.element.append(withText("span", lane.name));
  name.element.style.paddingLeft = `${8 + Math.min(lane.depth, 4) * 10}px`;
  const track = element("div", "track");
  const bars: Item[] = [];
  if (lane.began > lane.start) {
    const starting = { from: lane.start, to: lane.began };
    bars.push(bar(`${lane.name} is being started: ${stretchText(starting)}`, lane.spawnedAt, "starting", starting, at));
  }
  const life = { from: lane.began, to: lane.end };
  const shorter = lane.shorter === 0 ? "" : `; ${lane.shorter} shorter waits are not shown`;
  const text = `${lane.name} ${endText(lane)}; it ran for ${stretchText(life)}${shorter}`;
  bars.push(bar(text, lane.panic?.at ?? lane.spawnedAt, `life ${lane.outcome}`, life, at));
  for (const wait of lane.waits) {
    const end = wait.endless ? ", and had not got it when the program ended" : "";
    const says = `${lane.name} ${waitText(wait)}${end}: ${stretchText(wait)}`;
    bars.push(bar(says, wait.at, `wait ${wait.what === "join" || wait.what === "sleep" ? "calm" : ""}`, wait, at));
  }
  track.append(...bars.map(({ element }) => element));
  const row = element("div", "lane");
  row.append(name.element, track);
  return { row, items: [name, ...bars] };
}

function bar(
  says: string,
  place: Place | undefined,
  kind: string,
  { from, to }: { readonly from: number; readonly to: number },
  at: (time: number) => string,
): Item {
  const made = item(says, place, `bar ${kind}`);
  made.element.style.left = at(from);
  made.element.style.right = `calc(100% - ${at(to)})`;
  return made;
}

function item(says: string, at: Place | undefined, kind: string): Item {
  const button = element("button", kind);
  button.type = "button";
  button.tabIndex = -1;
  button.setAttribute("aria-label", at === undefined ? says : `${says}. ${placeText(at)}`);
  const made: Item = { element: button, says, at };
  button.addEventListener("click", () => go(made));
  button.addEventListener("mouseenter", () => describe(made));
  button.addEventListener("mouseleave", describeCurrent);
  button.addEventListener("focus", () => {
    const row = rows.findIndex((items) => items.includes(made));
    if (row >= 0) current = { row, item: rows[row]?.indexOf(made) ?? 0 };
    describe(made);
  });
  return made;
}

/** Lines from a thread to the ones that it started, and back from those that it joined. */
function ties({ lanes }: Timeline, shareOf: (time: number) => number): readonly HTMLElement[] {
  return lanes.flatMap((lane, row) => {
    const parent = lanes.findIndex(({ id }) => id === lane.parent);
    if (parent < 0) return [];
    const isJoined = lane.handle === "joined" && lane.outcome !== "killed" && lane.outcome !== "running";
    const times = [lane.start, ...(isJoined ? [Math.max(lane.end, lane.joined ?? lane.end)] : [])];
    return times.map((time, index) => {
      const tie = element("div", index === 0 ? "tie spawned" : "tie joined");
      tie.setAttribute("aria-hidden", "true");
      tie.style.setProperty("--share", String(shareOf(time)));
      tie.style.setProperty("--from", String(Math.min(parent, row)));
      tie.style.setProperty("--rows", String(Math.abs(row - parent)));
      return tie;
    });
  });
}

function ruler({ from, to }: { readonly from: number; readonly to: number }): HTMLElement {
  const row = element("div", "ruler");
  row.setAttribute("aria-hidden", "true");
  const track = element("div", "track");
  // So few that they stand apart in a narrow column, too.
  const step = niceStep((to - from) / (4 * zoom.factor()));
  // The last one has no room for its text.
  for (let time = Math.ceil(from / step) * step; time < to - step / 2; time += step) {
    const tick = withText("span", duration(time));
    tick.style.left = `${((time - from) / (to - from)) * 100}%`;
    track.append(tick);
  }
  row.append(element("span", "name"), track);
  return row;
}

/** 1, 2 or 5 times a power of ten, at least as much. */
function niceStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(Math.max(least, 0.01)));
  return ([1, 2, 5].find((factor) => factor * power >= least) ?? 10) * power;
}

function walk(event: KeyboardEvent): void {
  const { row, item } = current;
  const to = {
    ArrowUp: [row - 1, 0],
    ArrowDown: [row + 1, 0],
    ArrowLeft: [row, item - 1],
    ArrowRight: [row, item + 1],
  }[event.key];
  if (to !== undefined) {
    event.preventDefault();
    select(to[0] ?? 0, to[1] ?? 0, "and focus");
  } else if (event.key === "Home" || event.key === "End") {
    event.preventDefault();
    select(row, event.key === "Home" ? 0 : Number.POSITIVE_INFINITY, "and focus");
  }
}

function select(row: number, item: number, how: "and focus" | "quietly"): void {
  const items = rows[Math.max(0, Math.min(row, rows.length - 1))];
  if (items === undefined) return;
  for (const { element } of rows.flat()) element.tabIndex = -1;
  const index = Math.max(0, Math.min(item, items.length - 1));
  current = { row: rows.indexOf(items), item: index };
  const chosen = items[index];
  if (chosen === undefined) return;
  chosen.element.tabIndex = 0;
  if (how === "and focus") {
    chosen.element.focus();
    chosen.element.scrollIntoView({ block: "nearest", inline: "nearest" });
  }
}

function describe({ says, at }: Item): void {
  details.textContent = at === undefined ? says : `${says}. ${placeText(at)}`;
  const line = at === undefined ? undefined : shown?.lines[lineKey(at)];
  if (line) details.append(withText("code", line));
}

function describeCurrent(): void {
  const chosen = rows[current.row]?.[current.item];
  if (chosen !== undefined && chosen.element === document.activeElement) describe(chosen);
  else details.textContent = hint();
}

function go({ at }: Item): void {
  if (at !== undefined) editor.postMessage({ type: "go", to: at });
}

function listItem(says: string, at: Place | undefined): HTMLElement {
  const entry = withText("li", `${says}. `);
  if (at === undefined) return entry;
  const link = element("button", "link");
  link.type = "button";
  link.textContent = placeText(at);
  link.addEventListener("click", () => editor.postMessage({ type: "go", to: at }));
  entry.append(link);
  return entry;
}

function placeText({ file, line, column }: Place): string {
  return `${file.split(/[\\/]/).at(-1)}:${line}:${column}`;
}

function hint(): string {
  return "Point at a bar to read what it is; click it to go to the source.";
}

function legend(): HTMLElement {
  const row = element("p", "legend");
  for (const [kind, says] of [
    ["starting", "being started"],
    ["life", "runs"],
    ["wait", "waits for a lock or a message"],
    ["wait calm", "waits for a thread, sleeps"],
    ["life panicked", "panicked"],
    ["life killed", "killed"],
  ] as const) {
    const sample = element("span", `bar ${kind}`);
    sample.setAttribute("aria-hidden", "true");
    const entry = element("span", "entry");
    entry.append(sample, says);
    row.append(entry);
  }
  return row;
}

function element<K extends keyof HTMLElementTagNameMap>(name: K, className?: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  if (className !== undefined) made.className = className;
  return made;
}

function withText<K extends keyof HTMLElementTagNameMap>(name: K, text: string): HTMLElementTagNameMap[K] {
  const made = element(name);
  made.textContent = text;
  return made;
}
