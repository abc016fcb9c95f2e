/** What is said of a value that is used after it was moved. */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Local } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { roleOf } from "../../models/roles.js";
import type { Misuse } from "../../ownership/engine.js";
import { guardProtocol } from "../../ownership/protocols.js";
import { shortText } from "../../threads/naming.js";
import type { Report } from "../rule.js";
import { repairsFor } from "./fixes.js";

/** How the value went. */
export interface Cause {
  readonly how: "moved" | "sent" | "handed" | "dropped";
  /** The value, as the code that gave it away writes it. */
  readonly name: string;
  /** The variable it was in, where that was all of it. */
  readonly local: Local | undefined;
  /** It is given away again in a later turn of the loop that gave it away. */
  readonly again: boolean;
}

/** At most this many further uses are shown. */
const maxRelated = 3;

export function findingFor(facts: Facts, misuses: readonly [Misuse, ...Misuse[]]): Report {
  const { file } = facts;
  const [first, ...others] = misuses;
  const cause = causeOf(facts, first);
  const { fixes, help } = repairsFor(facts, first, cause);
  const related: Label[] = cause.again
    ? []
    : [{ file, ...first.since.span, message: `\`${cause.name}\` is ${wayOf(facts, first, cause)} here` }];
  for (const { at } of others.slice(0, maxRelated)) related.push({ file, ...at, message: "and used here" });
  return {
    message: messageOf(facts, first, cause),
    location: { file, ...first.at },
    label: cause.again
      ? `${cause.how} here, in an earlier turn of the loop`
      : `used here after it was ${partOf(cause)}`,
    related,
    notes: [noteOf(facts, first, cause)],
    help,
    fixes,
    tags: [],
  };

  function partOf({ how }: Cause): string {
    return how === "handed" ? "moved" : how;
  }

  function wayOf(at: Facts, misuse: Misuse, { how }: Cause): string {
    if (how !== "handed") return how === "moved" ? "moved to a thread" : how;
    const callee = misuse.since.call?.spans.callee;
    return callee === undefined ? "moved" : `moved to a thread by \`${shortText(textOf(at.module, callee))}\``;
  }
}

function causeOf({ module, models }: Facts, { state, since, at }: Misuse): Cause {
  const role = since.call === undefined ? undefined : roleOf(module, models, since.call)?.kind;
  const isDropped = state === "dropped" || state === "released";
  const how = isDropped
    ? "dropped"
    : role === "move"
      ? "moved"
      : role === "send" || role === "post" || role === "task"
        ? "sent"
        : "handed";
  const operand = since.call?.args.find(({ value }) => value.span.start === since.span.start)?.value;
  const isWhole = operand?.kind === "place" && operand.place.path.length === 0;
  return {
    how,
    name: shortText(textOf(module, since.span)),
    local: isWhole ? module.locals[operand.place.base] : undefined,
    again: since.span.start === at.start,
  };
}

function messageOf({ module }: Facts, { at, protocol }: Misuse, { how, name, again }: Cause): string {
  const done = how === "handed" ? "moved" : how;
  if (again) return `\`${name}\` is ${done} again in a later turn of the loop`;
  const reached = reachedThrough(textOf(module, at));
  if (protocol !== guardProtocol && reached?.startsWith(`${name}.`))
    return `\`${reached}\` is used after \`${name}\`, which it is a part of, was ${done}`;
  if (reached !== undefined && name.startsWith("[") && name.includes(reached))
    return `\`${reached}\` is used after it was ${done}`;
  const used = rootOf(textOf(module, at));
  // What was moved is an expression, and this a part of it, or the other way round.
  if (used !== undefined && !/^[\w$#.]+$/.test(name) && !name.startsWith(`${used}[`))
    return `\`${used}\` is used after it was ${done}`;
  if (used === undefined || used === name) return `\`${name}\` is used after it was ${done}`;
  if ((name.startsWith(used) && /^[.[]/.test(name.slice(used.length))) || protocol === guardProtocol)
    return `\`${name}\` is used after it was ${done}`;
  return `\`${used}\` is used after \`${name}\`, which it stands for, was ${done}`;
}

/** The field that an expression reads something of: `job.data` in `job.data.length`. */
function reachedThrough(text: string): string | undefined {
  return /^([\w$#]+(?:\.[\w$#]+)+)(?:\.[\w$#]+|\[.*\])$/.exec(text)?.[1];
}

/** The variable that an expression begins with. */
function rootOf(text: string): string | undefined {
  return /^(?:this\.)?[\w$#]+/.exec(text)?.[0];
}

function noteOf(facts: Facts, { protocol, since }: Misuse, { how, local }: Cause): string {
  if (protocol === guardProtocol) {
    return "a guard that was dropped has given the lock back: its `value` belongs to whoever takes the lock next, and reading it throws";
  }
  const { dialect } = libraryOf(facts, since.call);
  if (how === "dropped") return dialect.usedAfterDrop;
  const type = local?.type?.kind === "named" ? local.type.symbol : undefined;
  const isMemory = type !== undefined && facts.models.memory(type) !== undefined;
  return isMemory
    ? "a buffer is moved by transferring its memory: in this thread it is empty from then on, with all its views"
    : dialect.usedAfterMove;
}
