/**
 * `condvar-wait-without-loop`: a thread waits to be told of a change, and does not look whether what it waited for is so.
 *
 * Source: https://doc.rust-lang.org/std/sync/struct.Condvar.html#method.wait, on spurious wake-ups.
 */
import type { Facts } from "../../facts.js";
import { replace, textOf } from "../../fix.js";
import type { LocalId, Module, Operand, Step } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { bodyOf, type CallSite, indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { aftermathOf } from "./aftermath.js";
import { type If, ifAround, mentions } from "./around.js";
import { lostWakeUps } from "./cells.js";
import { type Waiting, waitsIn } from "./helpers.js";
import { neverChanged } from "./never-changed.js";
import { ownLocks } from "./own-locks.js";
import { retries } from "./retries.js";
import { waitersOfTwoLocks } from "./two-locks.js";
import { pairingOf, unsentNotifications } from "./worker-files.js";
import { wrongWords } from "./wrong-word.js";

export const condvarWaitWithoutLoop: Rule = {
  name: "condvar-wait-without-loop",
  summary: "A wait for a notification that nothing looks again behind, or that no change comes with",
  severity: "warning",
  rust: undefined,
  check: (facts) => [
    ...unlooped(facts),
    ...retries(facts),
    ...lostWakeUps(facts),
    ...ownLocks(facts),
    ...betweenFiles(facts),
    ...waitersOfTwoLocks(facts),
    ...neverChanged(facts),
  ],
};

function betweenFiles(facts: Facts): readonly Report[] {
  const pairing = pairingOf(facts);
  if (pairing === undefined) return [];
  const unsent = unsentNotifications(facts, pairing);
  return unsent.length > 0 ? unsent : wrongWords(facts, pairing);
}

function unlooped(facts: Facts): readonly Report[] {
  return waitsIn(facts).flatMap((waiting) => judge(facts, waiting) ?? []);
}

function judge(facts: Facts, waiting: Waiting): Report | undefined {
  const { module, models } = facts;
  const { site, returns } = waiting;
  const guard = site.call.args[waiting.guard]?.value;
  if (guard === undefined || site.call.args.some(({ spread }) => spread)) return undefined;
  const name = nameOf(module, guard);
  const around = name === undefined ? undefined : ifOnGuard(module, site, name);
  // A time that is up is a result like another; only who asked before the wait means to have it answered.
  // Where the guard stays the same one, so does the variable, which anybody may look at.
  if (returns !== "result-of-guard" && around === undefined) return undefined;
  if (around === undefined && !isTakenHere(facts, guard, new Set())) return undefined;
  const { looksAgain, handedOn, returned } = aftermathOf(
    module,
    models,
    bodyOf(module, site.at),
    returns === "nothing" && guard.kind === "place" ? { at: site.at, guard: guard.place.base } : site,
  );
  if (looksAgain || handedOn || (returned && around === undefined)) return undefined;
  return reportOf(module, { ...waiting, name, around });
}

interface Found extends Waiting {
  readonly name: string | undefined;
  readonly around: If | undefined;
}

function reportOf(module: Module, { site, name, around, returns, inside }: Found): Report {
  const { file } = module;
  const { whole } = site.call.spans;
  const call = shortText(textOf(module, whole));
  const looping = loopedName((inside?.call ?? site.call).method ?? "wait");
  const value = name === undefined ? "what the lock guards" : `\`${name}.value\``;
  const fixable =
    around !== undefined &&
    (returns === "nothing"
      ? isPlain(module, around)
      : returns === "result-of-guard" && isKept(module, site, name, around));
  return {
    message:
      around === undefined
        ? `\`${call}\` waits whether or not there is anything to wait for, and nothing looks at ${value} when it wakes up`
        : `\`${call}\` is in an \`if\`: nothing looks at ${value} again when it wakes up`,
    location: { file, ...whole },
    label: "what was waited for need not be so when this returns",
    related: [
      ...(around === undefined
        ? []
        : [{ file, ...around.condition, message: "this is asked once only, before the wait" }]),
      ...(inside === undefined
        ? []
        : [{ file: inside.module.file, ...inside.call.spans.whole, message: "and this waits once, without a loop" }]),
    ],
    notes: [
      "a thread may wake up without a notification, and another one may have taken what was there before this one has the lock again",
      ...(around === undefined
        ? ["a notification is not kept: one that came before this line is missed, and this waits for the next"]
        : []),
    ],
    help: [
      around === undefined
        ? `Use \`${looping}(guard, (value) => …)\`, which asks before it waits and after each notification`
        : `Ask in a loop, \`while (${shortText(textOf(module, around.condition))})\`, or use \`${looping}\``,
    ],
    fixes: fixable
      ? [
          {
            title: "Ask again after each wait: `while`",
            preferred: true,
            edits: [replace(file, around.keyword, "while")],
          },
        ]
      : [],
    tags: [],
  };
}

/** `waitSync` is `waitWhileSync` where it looks again by itself. */
function loopedName(method: string): string {
  return method.endsWith("Sync") ? `${method.slice(0, -"Sync".length)}WhileSync` : `${method}While`;
}

/** The variable that the guard is in. */
function nameOf(module: Module, guard: Operand): string | undefined {
  return guard.kind === "place" && guard.place.path.length === 0 ? module.locals[guard.place.base]?.name : undefined;
}

function ifOnGuard(module: Module, { step }: CallSite, name: string): If | undefined {
  const around = ifAround(module, step.statement, step.scope);
  return around !== undefined && mentions(module, around.condition, name) ? around : undefined;
}

/** Whether the new guard gets into the variable that the condition asks, and nothing in the body means the `if` itself. */
function isKept(module: Module, site: CallSite, name: string | undefined, around: If): boolean {
  const statement = textOf(module, site.step.statement);
  if (name === undefined || !new RegExp(`^${name.replaceAll("$", "\\$")}\\s*=[^=]`).test(statement)) return false;
  return isPlain(module, around);
}

function isPlain(module: Module, { body }: If): boolean {
  return !/\b(?:break|continue|return|let|const)\b/.test(textOf(module, body));
}

/** Whether this function took the lock: a guard that was given to it may be looked at by whoever gave it. */
function isTakenHere(facts: Facts, operand: Operand, seen: Set<LocalId>): boolean {
  if (operand.kind !== "place" || operand.place.path.length > 0) return false;
  const local = operand.place.base;
  if (seen.has(local)) return false;
  seen.add(local);
  const definitions = indexModule(facts.module).definitions.get(local) ?? [];
  return definitions.some(({ step }) => isLockValue(facts, step, seen));
}

function isLockValue(facts: Facts, { value }: Step & { readonly kind: "assign" }, seen: Set<LocalId>): boolean {
  switch (value.kind) {
    case "use":
    case "await":
      return isTakenHere(facts, value.operand, seen);
    case "call": {
      const role = roleOf(facts.module, facts.models, value);
      if (role?.kind === "lock") return true;
      return role?.kind === "unwrap" && value.receiver !== undefined && isTakenHere(facts, value.receiver, seen);
    }
    default:
      return false;
  }
}
