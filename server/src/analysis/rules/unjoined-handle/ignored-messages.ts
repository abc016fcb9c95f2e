/** Messages that go to somebody who listens, and who does nothing with such a one. */
import type { Facts } from "../../facts.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import { ignores, shapeOf, tagOf } from "../../workers/ignored.js";
import { type Conversation, conversation, type Listener, labelOf, type Post } from "../../workers/messages.js";
import type { Report } from "../rule.js";

export function ignoredMessages(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    if (roleOf(module, models, site.call)?.kind !== "worker") return [];
    const said = conversation(facts, site);
    return said === undefined ? [] : [...unheardByWorker(facts, said), ...unheardByStarter(facts, said, site)];
  });
}

/** All listeners, where each goes past the message. */
function pastWhom(
  listeners: readonly Listener[] | undefined,
  post: Post,
): { tag: string; listener: Listener } | undefined {
  const shape = shapeOf(post);
  const tag = shape && tagOf(shape);
  const [listener] = listeners ?? [];
  if (shape === undefined || tag === undefined || listener === undefined) return undefined;
  return listeners?.every((each) => ignores(each, shape)) === true ? { tag, listener } : undefined;
}

const notes = ["what a listener does not look for it passes over in silence; nothing says so, on neither side"];

function unheardByWorker({ file }: Facts, { heard: { name }, toWorker, inWorker }: Conversation): readonly Report[] {
  return toWorker.flatMap((post) => {
    const past = pastWhom(inWorker, post);
    if (past === undefined) return [];
    return [
      {
        message: `\`${name}\` does nothing with the message \`${past.tag}\``,
        location: { file, ...post.message.span },
        label: "its file listens, and passes this one over",
        related: [labelOf(past.listener, "the worker gets its messages here")],
        notes,
        help: ["Handle it in the worker, or do not post it; see that both sides write it in the same way"],
        fixes: [],
        tags: [],
      },
    ];
  });
}

/** What the worker posts is told where this file listens: of a worker's file it is not known who starts it. */
function unheardByStarter(
  { file }: Facts,
  { heard: { name }, fromWorker, inStarter }: Conversation,
  { call }: CallSite,
): readonly Report[] {
  return fromWorker.flatMap((post) => {
    const past = pastWhom(inStarter, post);
    if (past === undefined) return [];
    const { params, whole } = past.listener.body.spans;
    return [
      {
        message: `\`${name}\` posts the message \`${past.tag}\`, and nobody here does anything with it`,
        location: { file, ...(params ?? whole) },
        label: "this listener passes it over",
        related: [
          { file: post.module.file, ...post.message.span, message: "the worker posts it here" },
          { file, ...call.spans.callee, message: "the worker is started here" },
        ],
        notes,
        help: ["Handle it here, or do not post it; see that both sides write it in the same way"],
        fixes: [],
        tags: [],
      },
    ];
  });
}
