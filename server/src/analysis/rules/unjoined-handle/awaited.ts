/** `await handle` in place of `await handle.join()`: a handle is no promise, so nothing waits. */
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Operand } from "../../mir/mir.js";
import type { AwaitedHandle } from "../../ownership/engine.js";
import type { TypeKey } from "../../program/program.js";
import { shortText } from "../../threads/naming.js";
import type { Report } from "../rule.js";

/** Those that the analysis followed, and those that only the type checker knows to be handles: parameters, fields. */
export function awaitedHandles(facts: Facts): readonly Report[] {
  const followed = facts.ownership().awaited;
  const known = new Set(followed.map(({ step }) => step.span.start));
  const byType = typedAwaits(facts).filter(({ step }) => !known.has(step.span.start));
  return [...followed, ...byType].map((one) =>
    one.kind === "awaited" ? awaitedFinding(facts, one) : combinedFinding(facts, one),
  );
}

type Awaited = Pick<AwaitedHandle, "step" | "operand" | "kind">;

function awaitedFinding({ file, module }: Facts, { step, operand }: Awaited): Report {
  const name = shortText(textOf(module, operand.span));
  const edit = insert(file, operand.span.end, ".join()");
  // In `const done = await handle` only the second half is wrong.
  const written = module.text.lastIndexOf("await", operand.span.start);
  return {
    message: `\`await ${name}\` does not wait for the thread`,
    location: { file, start: Math.max(written, step.span.start), end: step.span.end },
    label: "gives the handle back at once",
    related: [],
    notes: ["a `JoinHandle` is not a promise; only the promise that `join()` gives settles when the thread ends"],
    help: [`Await the join: \`await ${name}.join()\``],
    fixes: [{ title: `Await \`${name}.join()\``, preferred: true, edits: [edit] }],
    tags: [],
  };
}

function combinedFinding({ file, module }: Facts, { operand }: Awaited): Report {
  const name = shortText(textOf(module, operand.span));
  const isArray =
    operand.kind === "place" && isArrayLike(module.locals[operand.place.base]?.type, textOf(module, operand.span));
  const edits = [insert(file, operand.span.end, ".map((handle) => handle.join())")];
  return {
    message: `\`${name}\` holds handles, which are not promises: nothing waits for the threads`,
    location: { file, ...operand.span },
    label: "these are handles, not the promises of their joins",
    related: [],
    notes: ["a `JoinHandle` is not a promise; only the promise that `join()` gives settles when the thread ends"],
    help: [`Join each handle: \`${name}.map((handle) => handle.join())\``],
    fixes: isArray ? [{ title: "Join each handle", preferred: true, edits }] : [],
    tags: [],
  };
}

function isArrayLike(type: TypeKey | undefined, text: string): boolean {
  return type?.kind === "array" || type?.kind === "tuple" || text.startsWith("[") || type === undefined;
}

/** Awaits of variables and calls whose type is a handle's. */
function typedAwaits({ module, models }: Facts): readonly Awaited[] {
  const isHandle = (type: TypeKey | undefined): boolean =>
    type?.kind === "named" && models.type(type.symbol) === "handle";
  const results = new Map<number, TypeKey | undefined>();
  const found: Awaited[] = [];
  for (const body of module.bodies) {
    for (const step of body.blocks.flatMap((block) => block.steps)) {
      if (step.kind !== "assign") continue;
      if (step.value.kind === "call" && step.to.path.length === 0) results.set(step.to.base, step.value.type);
      if (step.value.kind !== "await") continue;
      const { operand } = step.value;
      if (isHandle(typeOf(operand))) found.push({ step, operand, kind: "awaited" });
    }
  }
  return found;

  function typeOf(operand: Operand): TypeKey | undefined {
    if (operand.kind !== "place" || operand.place.path.length > 0) return undefined;
    const local = module.locals[operand.place.base];
    return local?.kind === "temp" ? results.get(local.id) : local?.reassigned ? undefined : local?.type;
  }
}
