/** A lock of one's own on shared memory, which is not tried again after the wait: `if (compareExchange(…) !== 0) wait(…)`. */
import type { Facts } from "../../facts.js";
import { replace, textOf } from "../../fix.js";
import type { Call, Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { inLoop } from "../../threads/reach.js";
import { bodyOf, type CallSite, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { type If, ifAround } from "./around.js";

export function retries(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    const role = roleOf(module, models, site.call);
    if (role?.kind !== "wait" || role.until !== "cell" || role.mode !== "sync") return [];
    if (inLoop(bodyOf(module, site.at), site.at)) return [];
    const around = ifAround(module, site.step.statement, site.step.scope);
    const attempt = around === undefined ? undefined : attemptIn(facts, around, site);
    return around === undefined || attempt === undefined || isTriedLater(facts, around, site)
      ? []
      : [reportOf(module, site.call, around)];
  });
}

/** The exchange on the same array, in the condition. */
function attemptIn(facts: Facts, { condition }: If, wait: CallSite): CallSite | undefined {
  return exchanges(facts, wait).find(
    ({ call }) => call.spans.whole.start >= condition.start && call.spans.whole.end <= condition.end,
  );
}

/** A further attempt behind the `if` answers for itself. */
function isTriedLater(facts: Facts, { body }: If, wait: CallSite): boolean {
  return exchanges(facts, wait).some(({ call }) => call.spans.whole.start > body.start);
}

function exchanges({ module, models }: Facts, wait: CallSite): readonly CallSite[] {
  const array = arrayOf(module, wait.call);
  const calls = indexModule(module).callsOf.get(wait.at.body) ?? [];
  return calls.filter(({ call }) => {
    const role = roleOf(module, models, call);
    return role?.kind === "cell" && role.does === "exchange" && arrayOf(module, call) === array;
  });
}

function arrayOf(module: Module, { args }: Call): string | undefined {
  const [array] = args;
  return array === undefined ? undefined : textOf(module, array.value.span);
}

function reportOf(module: Module, call: Call, around: If): Report {
  const { file } = module;
  const text = shortText(textOf(module, call.spans.whole));
  const breaks = /\b(?:break|continue|return|let|const)\b/.test(textOf(module, around.body));
  return {
    message: `\`${text}\` is in an \`if\`: the exchange is not tried again when it wakes up`,
    location: { file, ...call.spans.whole },
    label: "whoever is woken goes on without having got what it waited for",
    related: [{ file, ...around.condition, message: "this is tried once only, before the wait" }],
    notes: ["to be woken says that the word has changed, and another thread may have been faster to change it back"],
    help: [`Try in a loop: \`while (${shortText(textOf(module, around.condition))})\``],
    fixes: breaks
      ? []
      : [
          {
            title: "Try again after each wait: `while`",
            preferred: true,
            edits: [replace(file, around.keyword, "while")],
          },
        ],
    tags: [],
  };
}
