/** What the repairs of all shapes have in common. */
import type { Fix, Span } from "../../../diagnostic.js";
import type { Block, Body, Loop, Module } from "../../../mir/mir.js";
import type { Dialect } from "../../../models/dialect.js";

export interface Repairs {
  readonly fixes: readonly Fix[];
  readonly help: readonly string[];
}

export function repairs(fixes: readonly (Fix | undefined)[], help: string): Repairs {
  return { fixes: fixes.filter((fix) => fix !== undefined), help: [help] };
}

/**
 * A statement that joins the thread of `handle`, an expression. It passes the thread's panic on: a `join()` whose Result
 * nobody looks at would hide it. `optional` is `?` where there may be no handle.
 */
export function joinOne({ results }: Dialect, handle: string, optional = ""): string {
  return passedOn(results, `await ${handle}${optional}.join()`, optional);
}

/** A loop that joins all that `elements` gives. `optional` is `?` where some may be missing. */
export function joinAll({ results }: Dialect, elements: string, optional = ""): string {
  const name = elements === "handle" ? "one" : "handle";
  return `for (const ${name} of ${elements}) ${passedOn(results, `await ${name}${optional}.join()`, optional)}`;
}

/** A block where the Result has no methods, so that its name cannot meet another. */
function passedOn(results: Dialect["results"], joined: string, optional: string): string {
  if (results === "methods") return `(${joined})${optional}.unwrap();`;
  const name = resultName(joined);
  const failed = optional === "" ? `!${name}.ok` : `${name}?.ok === false`;
  return `{ const ${name} = ${joined}; if (${failed}) throw ${name}.error; }`;
}

/** A name for what an expression gives, which the expression does not use itself. */
export function resultName(expression: string): string {
  return /\bresult\b/.test(expression) ? "outcome" : "result";
}

/** The innermost loop of a body around a span: what is made there is made again in each turn. */
export function innermostLoop(module: Module, body: number, span: Span): Loop | undefined {
  const loops = (module.bodies[body]?.blocks ?? []).flatMap((block: Block) => block.loop ?? []);
  return loops
    .filter((loop) => loop.body.start <= span.start && span.end <= loop.body.end)
    .sort((a, b) => a.span.end - a.span.start - (b.span.end - b.span.start))[0];
}

/** The innermost body around a span. */
export function bodyAt(module: Module, span: Span): Body {
  const around = module.bodies.filter(({ spans }) => spans.whole.start <= span.start && span.end <= spans.whole.end);
  const [innermost] = around.sort((a, b) => b.spans.whole.start - a.spans.whole.start || b.id - a.id);
  const found = innermost ?? module.bodies[0];
  if (found === undefined) throw new RangeError(`${module.file} has no bodies`);
  return found;
}
