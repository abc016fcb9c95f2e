/** A worker whose file posts messages, while the code that starts it listens to its end only. */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import type { Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import { heardWorker } from "../../workers/hearing.js";
import { postsToStarter } from "../../workers/messages.js";
import { workerModule } from "../../workers/started.js";
import type { Report } from "../rule.js";

export function lostMessages(facts: Facts): readonly Report[] {
  const { module, models, modules } = facts;
  return indexModule(module).calls.flatMap((site) => {
    if (roleOf(module, models, site.call)?.kind !== "worker") return [];
    const posts = postsOf(facts, workerModule(modules, module, site.call));
    const heard = posts.length === 0 ? undefined : heardWorker(facts, site.step);
    const events = (heard?.uses ?? []).flatMap((use) => (use.kind === "listens" ? [use.event] : []));
    // One that nobody listens to at all is a finding already.
    const isLost = events.some((event) => event === "error" || event === "exit") && !events.includes("message");
    return isLost && heard !== undefined ? [findingFor(facts, site, heard.name, posts)] : [];
  });
}

/** Where a file posts to the thread that started it. */
function postsOf({ models }: Facts, worker: Module | undefined): readonly Label[] {
  if (worker === undefined) return [];
  return postsToStarter(worker, models).map(({ call }) => ({
    file: worker.file,
    ...call.spans.callee,
    message: "the worker posts a message here",
  }));
}

/** At most this many messages are shown. */
const maxRelated = 3;

function findingFor({ file }: Facts, { call }: CallSite, name: string, posts: readonly Label[]): Report {
  return {
    message: `nobody listens to the messages of \`${name}\`, and its file posts some`,
    location: { file, ...call.spans.callee },
    label: "starts a worker whose messages go nowhere",
    related: posts.slice(0, maxRelated),
    notes: ["a message that nobody listens for is thrown away; nothing says so, on neither side"],
    help: [`Listen for them, \`${name}.on("message", …)\`, or do not post them`],
    fixes: [],
    tags: [],
  };
}
