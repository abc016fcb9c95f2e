/** What the timeline's page and the extension say to each other. */
import type { Position } from "../../../server/src/run/events.js";
import type { Timeline } from "./timeline.js";

/** To the page. */
export interface ShowMessage {
  readonly type: "show";
  /** What ran: `main.ts`. */
  readonly title: string;
  readonly timeline: Timeline;
  /** The line of source at each place, by {@link lineKey}. */
  readonly lines: Readonly<Record<string, string>>;
}

/** @example `/home/me/main.ts:12` */
export function lineKey({ file, line }: Pick<Position, "file" | "line">): string {
  return `${file}:${line}`;
}

/** From the page: it is there, and wants to know what to show; or a place was chosen. */
export type PageMessage = { readonly type: "ready" } | { readonly type: "go"; readonly to: Position };
