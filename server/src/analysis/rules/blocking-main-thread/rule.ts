/**
 * `blocking-main-thread`: a wait that blocks, on the thread that has to handle events; and a worker that blocks for ever,
 * although it listens for messages.
 *
 * Source: https://nodejs.org/en/learn/asynchronous-work/dont-block-the-event-loop
 */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { BodyId, Module } from "../../mir/mir.js";
import { ownerName, shortText } from "../../threads/naming.js";
import { sceneOf } from "../../threads/scene.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { blocks } from "./blocking.js";
import { mayBeHeld } from "./contention.js";
import { asyncForm, waitWithoutBlocking } from "./fixes.js";
import { mainBodies, type OnMain } from "./main-thread.js";
import { starving } from "./starving.js";

export const blockingMainThread: Rule = {
  name: "blocking-main-thread",
  summary: "A wait that blocks the main thread, or a worker that listens for messages and never looks at one",
  severity: "warning",
  rust: undefined,
  check: (facts) => [...onMainThread(facts), ...starved(facts)],
};

function onMainThread(facts: Facts): readonly Report[] {
  const { module } = facts;
  if (!indexModule(module).calls.some(({ call }) => blocks(facts, call) !== undefined)) return [];
  const scene = sceneOf(facts);
  const main = mainBodies(scene);
  return [...main].flatMap(([id, how]) =>
    (indexModule(module).callsOf.get(id) ?? []).flatMap((site) => {
      const blocking = blocks(facts, site.call);
      if (blocking === undefined || (blocking === "lock" && !mayBeHeld(scene, main, site))) return [];
      return [reportOf(module, site, how)];
    }),
  );
}

function reportOf(module: Module, site: CallSite, { how, callers }: OnMain): Report {
  const { file } = module;
  const { whole } = site.call.spans;
  const call = shortText(textOf(module, whole));
  const [caller] = callers;
  const other = asyncForm(site.call.method);
  return {
    message: `\`${call}\` blocks the main thread`,
    location: { file, ...whole },
    label: labelOf(module, site.at.body, how),
    related:
      caller === undefined ? [] : [{ file, ...caller.call.spans.whole, message: "called here, on the main thread" }],
    notes: [
      "as long as the main thread blocks it handles no event: no timer, no request, no click, no message from a worker",
      "a browser does not let its main thread block at all: there it throws",
    ],
    help: [
      other === undefined
        ? "Use `await Atomics.waitAsync(…).value`, or wait in a thread"
        : `Use \`await ${other}(…)\`, which lets the event loop go on, or wait in a thread`,
    ],
    fixes: waitWithoutBlocking(module, site, how),
    tags: [],
  };
}

function labelOf(module: Module, body: BodyId, how: OnMain["how"]): string {
  switch (how) {
    case "top":
      return "the main thread runs this when the program starts";
    case "called":
      return `the main thread is in ${ownerName(module, body)} here`;
    case "handler":
      return "the main thread's event loop calls this, and nothing else meanwhile";
    default:
      return how satisfies never;
  }
}

function starved(facts: Facts): readonly Report[] {
  const { module } = facts;
  const { file } = module;
  return starving(facts).map(({ span, kind, listener }) => {
    const written = shortText(textOf(module, span));
    return {
      message:
        kind === "blocks"
          ? `\`${written}\` blocks this worker for ever: it never handles a message`
          : `\`${written}\` never ends: this worker handles no message`,
      location: { file, ...span },
      label: kind === "blocks" ? "in a loop that nothing leaves" : "nothing leaves this loop",
      related: [{ file, ...listener, message: "messages are listened for here" }],
      notes: [
        "messages are handed to their listener by the event loop, which does not go on as long as this code runs",
      ],
      help: [
        kind === "blocks"
          ? "Wait with `await Atomics.waitAsync(…).value` in the loop, or take the messages with `receiveMessageOnPort`"
          : "Let the event loop have its turn, `await new Promise((resolve) => setTimeout(resolve))`, or do the next part of the work from a message",
      ],
      fixes: [],
      tags: [],
    };
  });
}
