/** One Condvar that waits for what two locks guard: who wakes one of its waiters may wake the wrong one. */
import type { Facts } from "../../facts.js";
import { lockOfGuard, sharedKeyOf } from "../../locks/guarded-by.js";
import { type LockName, nameOf } from "../../locks/names.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { sceneOf } from "../../threads/scene.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";

interface Waiter {
  readonly site: CallSite;
  readonly condvar: LockName;
  readonly lock: LockName;
}

export function waitersOfTwoLocks(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  const { calls } = indexModule(module);
  const waits = calls.filter(({ call }) => roleOf(module, models, call)?.kind === "relock");
  if (waits.length < 2) return [];
  const byCondvar = new Map<string, Waiter[]>();
  for (const site of waits) {
    const waiter = waiterAt(facts, site);
    if (waiter === undefined) continue;
    const key = sharedKeyOf(waiter.condvar);
    byCondvar.set(key, [...(byCondvar.get(key) ?? []), waiter]);
  }
  return [...byCondvar].flatMap(([key, [first, ...others]]) => {
    const other = first && others.find(({ lock }) => sharedKeyOf(lock) !== sharedKeyOf(first.lock));
    if (first === undefined || other === undefined || !isMade(facts, first.lock) || !isMade(facts, other.lock))
      return [];
    // Who wakes all of them wakes the right one, too.
    const waking = calls.find(({ call }) => {
      const role = roleOf(module, models, call);
      const name = role?.kind === "borrow" && role.wakes === "one" && call.receiver !== undefined;
      const condvar = name ? nameOf(module, models, call.receiver) : undefined;
      return condvar !== undefined && sharedKeyOf(condvar) === key;
    });
    return waking === undefined ? [] : [reportOf(facts, { first, other, waking })];
  });
}

function waiterAt(facts: Facts, site: CallSite): Waiter | undefined {
  const { receiver, args } = site.call;
  const [guard] = args;
  if (receiver === undefined || guard === undefined || guard.spread) return undefined;
  const condvar = nameOf(facts.module, facts.models, receiver);
  const lock = lockOfGuard(sceneOf(facts), guard.value);
  return condvar === undefined || lock === undefined ? undefined : { site, condvar, lock };
}

/** Whether a name is that of a lock which is made where it is declared: other names may mean one lock. */
function isMade({ module }: Facts, { text }: LockName): boolean {
  const name = /^(?:this\.)?(#?[\w$]+)$/.exec(text)?.[1]?.replaceAll("$", "\\$");
  if (name === undefined) return false;
  return new RegExp(`(?:^|[^\\w$#])${name}\\s*(?::[^=;]+)?=\\s*(?:Arc\\s*\\.\\s*new\\(\\s*)?new\\b`).test(module.text);
}

interface Found {
  readonly first: Waiter;
  readonly other: Waiter;
  readonly waking: CallSite;
}

function reportOf({ file, module }: Facts, { first, other, waking }: Found): Report {
  const condvar = shortText(first.condvar.text);
  const [a, b] = [shortText(first.lock.text), shortText(other.lock.text)];
  const { whole } = waking.call.spans;
  return {
    message: `\`${shortText(module.text.slice(whole.start, whole.end))}\` may wake the wrong one: with \`${condvar}\`, some wait for \`${a}\` and some for \`${b}\``,
    location: { file, ...whole },
    label: "wakes one of those who wait, whatever it waits for",
    related: [
      { file, ...first.site.call.spans.whole, message: `waits for a change of \`${a}\`` },
      { file, ...other.site.call.spans.whole, message: `waits for a change of \`${b}\`` },
    ],
    notes: [
      "who is woken and finds nothing changed waits again, and the notification is used up: the one that it was meant for sleeps on",
      "Rust's `Condvar` may panic when it is used with more than one mutex",
    ],
    help: ["A `Condvar` for each lock, or `notifyAll()`"],
    fixes: [],
    tags: [],
  };
}
