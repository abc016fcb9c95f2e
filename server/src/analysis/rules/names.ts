/** What the rules are called, apart from the rules: whoever only needs the names need not load what the rules are made of. */

/** In the order in which documentation and settings list them. */
export const ruleNames = [
  "unjoined-handle",
  "capture-without-move",
  "shared-mutable-without-mutex",
  "not-sendable",
  "use-after-move",
  "ignored-join-result",
  "guard-not-released",
  "guard-dropped-at-once",
  "double-lock",
  "guard-across-await",
  "join-holding-lock",
  "lock-order",
  "condvar-wait-without-loop",
  "blocking-main-thread",
  "sender-never-dropped",
  "join-in-spawn-loop",
  "stack-size-out-of-range",
  "unbounded-spawn",
  "unnecessary-move",
  "copied-not-moved",
  "thread-in-module-scope",
] as const;

export type RuleName = (typeof ruleNames)[number];

/** What a level can be set for: the rules, and the two findings about suppression comments. */
export const configurableNames: readonly string[] = [...ruleNames, "bare-suppression", "unused-suppression"];
