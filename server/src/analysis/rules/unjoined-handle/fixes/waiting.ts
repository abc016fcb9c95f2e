/** Repairs for a join that is asked for and never awaited. */
import type { Fix, Span, TextEdit } from "../../../diagnostic.js";
import { insert, textOf } from "../../../fix.js";
import type { Call, Local, Module } from "../../../mir/mir.js";
import type { Loss } from "../../../ownership/engine.js";
import { mayAwait, onEveryExit } from "../../../places.js";
import type { Case } from "../findings.js";
import { bodyAt, type Repairs, repairs } from "./repairs.js";

const help = "Await the join";

/** `handle.join();` without `await`, or its promise in a variable that is never awaited. */
export function neverAwaited(module: Module, { site, losses }: Case): Repairs {
  const { join } = site;
  const loss = losses.find((one) => one.pending) ?? losses[0];
  if (join === undefined || loss === undefined) return repairs([], help);
  const onPurpose: Fix = {
    title: "Say with `void` that nobody waits, on purpose",
    preferred: false,
    edits: [insert(module.file, join.spans.whole.start, "void ")],
  };
  if (isStatement(module, join.spans.whole)) return repairs([awaitHere(module, join), onPurpose], help);
  const held = loss.local === undefined ? undefined : module.locals[loss.local];
  if (loss.pending && held !== undefined) return repairs([awaitHeld(module, held, loss)], help);
  return repairs([awaitAll(module, join), onPurpose], help);
}

function awaitHere(module: Module, join: Call): Fix | undefined {
  const { whole } = join.spans;
  if (!mayAwait(module, bodyAt(module, whole).id)) return undefined;
  return { title: "Await the join", preferred: true, edits: [insert(module.file, whole.start, "await ")] };
}

/** The promise, or a container of promises, in a variable. */
function awaitHeld(module: Module, local: Local, loss: Loss): Fix | undefined {
  if (local.name === undefined || !mayAwait(module, local.body)) return undefined;
  const wait = loss.held === "directly" ? `await ${local.name};` : `await Promise.all(${local.name});`;
  return { title: `Await \`${local.name}\``, preferred: true, edits: onEveryExit(module, local, [loss], wait) };
}

/** `handles.map((handle) => handle.join());`: the array of promises goes nowhere. */
function awaitAll(module: Module, join: Call): Fix | undefined {
  const outer = module.bodies.flatMap((body) =>
    body.blocks
      .flatMap((block) => block.steps)
      .filter((step) => step.kind === "discard" && isMapOf(module, step.span, join)),
  );
  const [step] = outer.sort((a, b) => b.span.start - a.span.start);
  if (step === undefined || !mayAwait(module, bodyAt(module, step.span).id)) return undefined;
  return { title: "Await all the joins", preferred: true, edits: awaitingAll(module, step.span) };
}

/** `await` comes in front of a `Promise.all`, and a `Promise.all` around an array, behind the `await` there may be. */
function awaitingAll(module: Module, span: Span): readonly TextEdit[] {
  const { file } = module;
  const text = textOf(module, span);
  if (/^Promise\.\w+\(/.test(text)) return [insert(file, span.start, "await ")];
  const awaited = /^await\s+/.exec(text)?.[0].length;
  const opening = insert(
    file,
    span.start + (awaited ?? 0),
    awaited === undefined ? "await Promise.all(" : "Promise.all(",
  );
  return [opening, insert(file, span.end, ")")];
}

function isMapOf(module: Module, span: Span, join: Call): boolean {
  const { whole } = join.spans;
  if (span.start >= whole.start || span.end <= whole.end) return false;
  return (
    /\.map\(\s*\(?\w*\)?\s*=>\s*$/.test(module.text.slice(span.start, whole.start)) &&
    textOf(module, span).endsWith(")")
  );
}

/** Whether a statement is nothing but this expression. */
function isStatement(module: Module, expression: Span): boolean {
  const steps = module.bodies.flatMap((body) => body.blocks.flatMap((block) => block.steps));
  return steps.some(
    (step) => step.kind === "discard" && step.span.start === expression.start && step.span.end === expression.end,
  );
}
