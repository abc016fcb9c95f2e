/** Repairs for a thread that nobody joins, each as exact edits. */
import type { Fix, Span, TextEdit } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Block, Body, Local, Loop, Module } from "../../mir/mir.js";
import type { Loss, Site } from "../../ownership/engine.js";
import type { TypeKey } from "../../program/program.js";
import type { Case } from "./findings.js";
import { atEndOf, before, behind, fallsOffEnd, freshName, mayAwait } from "./places.js";

export interface Repairs {
  readonly fixes: readonly Fix[];
  readonly help: readonly string[];
}

export function fixesFor({ module }: Facts, one: Case): Repairs {
  switch (one.shape) {
    case "discarded":
      return discarded(module, one.site);
    case "never-awaited":
      return neverAwaited(module, one);
    case "variable":
      return variable(module, one);
    case "container":
      return container(module, one);
    default:
      return one.shape satisfies never;
  }
}

function repairs(fixes: readonly (Fix | undefined)[], help: string): Repairs {
  return { fixes: fixes.filter((fix) => fix !== undefined), help: [help] };
}

/** `thread.spawn(f);` as a statement of its own, or somewhere inside of one. */
function discarded(module: Module, site: Site): Repairs {
  const help = "Keep the handle and `await handle.join()`, or call `detach()` where nobody needs to wait";
  const detach: Fix = {
    title: "Detach the thread: nobody waits for it, on purpose",
    preferred: false,
    edits: [insert(module.file, site.call.spans.whole.end, ".detach()")],
  };
  const isStatement = site.step.statement.start === site.call.spans.whole.start && !returnsResult(site);
  if (!isStatement || !mayAwait(module, site.body)) return repairs([detach], help);
  const loop = loopAround(module, site);
  return repairs([loop === undefined ? bindAndJoin(module, site) : collectAndJoin(module, site, loop), detach], help);
}

/** The handle comes inside a Result, or a promise, so a method of it cannot be called on the spot. */
function returnsResult(site: Site): boolean {
  const type = site.call.type;
  return type?.kind === "named" && type.symbol.name !== "JoinHandle";
}

function bindAndJoin(module: Module, site: Site): Fix {
  const name = freshName(module, "handle");
  const { statement, scope } = site.step;
  const join = `await ${name}.join();`;
  const rest = module.text.slice(statement.end, module.scopes[scope]?.span.end ?? statement.end);
  // Where the scope can be left early, the join comes at once: at the end of the scope it could be missed.
  const jumps = /\b(?:return|throw|break|continue)\b/.test(rest);
  return {
    title: `Keep the handle and join it`,
    preferred: true,
    edits: [
      insert(module.file, statement.start, `const ${name} = `),
      ...(jumps || isSingleStatement(module, site) ? behind(module, statement, join) : atEndOf(module, scope, join)),
    ],
  };
}

function isSingleStatement(module: Module, site: Site): boolean {
  return /(?:\)|\belse|\bdo)\s*$/.test(module.text.slice(0, site.step.statement.start));
}

/** Spawned in a loop: the threads run side by side and are joined behind the loop. */
function collectAndJoin(module: Module, site: Site, loop: Loop): Fix {
  const name = freshName(module, "handles");
  const { whole } = site.call.spans;
  return {
    title: `Collect the handles and join them all behind the loop`,
    preferred: true,
    edits: [
      ...before(module, loop.span, `const ${name} = [];`),
      insert(module.file, whole.start, `${name}.push(`),
      insert(module.file, whole.end, ")"),
      ...behind(module, loop.span, joinAll(module, name)),
    ],
  };
}

function joinAll(module: Module, elements: string): string {
  const name = freshName(module, "handle");
  return `for (const ${name} of ${elements}) (await ${name}.join()).unwrap();`;
}

/** The innermost loop that makes the thread again in each turn. */
function loopAround(module: Module, site: Site): Loop | undefined {
  return innermostLoop(module, site.body, site.call.spans.whole);
}

function innermostLoop(module: Module, body: number, span: Span): Loop | undefined {
  const loops = (module.bodies[body]?.blocks ?? []).flatMap((block: Block) => block.loop ?? []);
  return loops
    .filter((loop) => loop.body.start <= span.start && span.end <= loop.body.end)
    .sort((a, b) => a.span.end - a.span.start - (b.span.end - b.span.start))[0];
}

/** `handle.join();` without `await`, or its promise in a variable that is never awaited. */
function neverAwaited(module: Module, { site, losses }: Case): Repairs {
  const help = "Await the join";
  const { join } = site;
  const [loss] = losses;
  if (join === undefined || loss === undefined) return repairs([], help);
  const { whole } = join.spans;
  const onPurpose: Fix = {
    title: "Say with `void` that nobody waits, on purpose",
    preferred: false,
    edits: [insert(module.file, whole.start, "void ")],
  };
  const statement = statementOf(module, whole);
  if (statement === undefined) {
    const held = loss.local === undefined ? undefined : module.locals[loss.local];
    return repairs([held === undefined ? undefined : awaitHeld(module, held, loss)], help);
  }
  const inBody = bodyAt(module, whole);
  const fix: Fix | undefined = mayAwait(module, inBody.id)
    ? { title: "Await the join", preferred: true, edits: [insert(module.file, whole.start, "await ")] }
    : undefined;
  return repairs([fix, onPurpose], help);
}

/** The promise, or a container of promises, in a variable. */
function awaitHeld(module: Module, local: Local, loss: Loss): Fix | undefined {
  if (local.name === undefined || !mayAwait(module, local.body)) return undefined;
  const wait = loss.held === "directly" ? `await ${local.name};` : `await Promise.all(${local.name});`;
  return { title: `Await \`${local.name}\``, preferred: true, edits: onEveryExit(module, local, [loss], wait) };
}

/** The statement that is nothing but this expression. */
function statementOf(module: Module, expression: Span): Span | undefined {
  for (const body of module.bodies) {
    for (const step of body.blocks.flatMap((block) => block.steps)) {
      const { statement } = step;
      if (statement.start !== expression.start) continue;
      const tail = module.text.slice(expression.end, statement.end).trim();
      if (tail === "" || tail === ";") return statement;
    }
  }
  return undefined;
}

/** The innermost body around a span. */
function bodyAt(module: Module, span: Span): Body {
  const around = module.bodies.filter(({ spans }) => spans.whole.start <= span.start && span.end <= spans.whole.end);
  const [innermost] = around.sort((a, b) => b.spans.whole.start - a.spans.whole.start || b.id - a.id);
  const found = innermost ?? module.bodies[0];
  if (found === undefined) throw new RangeError(`${module.file} has no bodies`);
  return found;
}

/** A handle in a variable. */
function variable(module: Module, one: Case): Repairs {
  const loss = one.losses.find((each) => each.held === "directly");
  const local = loss?.local === undefined ? undefined : module.locals[loss.local];
  if (local?.name === undefined || loss === undefined) return repairs([], "Join the thread on every path");
  const help = `Join the thread on every path: \`await ${local.name}.join()\``;
  const detach = detachVariable(module, one.site, local);
  if (!mayAwait(module, local.body)) return repairs([returnIt(module, one, local), detach], help);
  if (one.losses.some((each) => each.kind === "overwritten"))
    return repairs([joinBeforeWrite(module, one, local), detach], help);
  const loop = collectable(module, one, local);
  const join = loop === undefined ? joinVariable(module, one, local) : collectVariable(module, one.site, local, loop);
  return repairs([join, useUsing(module, one, local), returnIt(module, one, local), detach], help);
}

/** The loop around a variable that nothing joins in its turn: its threads had better run side by side. */
function collectable(module: Module, { site, losses }: Case, local: Local): Loop | undefined {
  if (site.joined || losses.length !== 1 || losses[0]?.exit.keyword !== undefined) return undefined;
  const { statement } = local;
  return statement === undefined || site.local !== local.id ? undefined : innermostLoop(module, local.body, statement);
}

function collectVariable(module: Module, site: Site, local: Local, loop: Loop): Fix {
  const name = freshName(module, "handles");
  return {
    title: "Collect the handles and join them all behind the loop",
    preferred: true,
    edits: [
      ...before(module, loop.span, `const ${name} = [];`),
      ...behind(module, site.step.statement, `${name}.push(${local.name});`),
      ...behind(module, loop.span, joinAll(module, name)),
    ],
  };
}

function joinVariable(module: Module, { losses, site }: Case, local: Local): Fix {
  const sure = isSure(site, local);
  const join = `await ${local.name}${sure ? "" : "?"}.join();`;
  return {
    title:
      losses.length > 1 ? `Join \`${local.name}\` on every way out` : `Join \`${local.name}\` before its scope ends`,
    preferred: sure,
    edits: onEveryExit(module, local, losses, join),
  };
}

/** The variable surely holds the handle wherever it can be seen. */
function isSure(site: Site, local: Local): boolean {
  const { step } = site;
  return !local.reassigned && local.statement !== undefined && contains(local.statement, step.span);
}

function contains(outer: Span, inner: Span): boolean {
  return outer.start <= inner.start && inner.end <= outer.end;
}

/** The statement before each jump that leaves, and at the end of the scope where a path gets there. */
function onEveryExit(module: Module, local: Local, losses: readonly Loss[], added: string): readonly TextEdit[] {
  const edits: TextEdit[] = [];
  const done = new Set<number>();
  for (const { exit, kind } of losses) {
    if (kind !== "left" || done.has(exit.span.start)) continue;
    done.add(exit.span.start);
    if (exit.keyword !== undefined) edits.push(...before(module, exit.span, added));
  }
  const reachesEnd = losses.some(({ exit, kind }) => kind === "left" && exit.keyword === undefined);
  if (reachesEnd) edits.push(...atEndOf(module, local.scope, added));
  return edits;
}

function joinBeforeWrite(module: Module, { losses, site }: Case, local: Local): Fix | undefined {
  const writes = losses.filter((loss) => loss.kind === "overwritten" && loss.local === local.id);
  const [first] = writes;
  if (first?.step === undefined) return undefined;
  const inLoop = innermostLoop(module, local.body, first.step.span);
  const sure = inLoop === undefined && isDefinite(site, local);
  const join = `await ${local.name}${sure ? "" : "?"}.join();`;
  const others = losses.filter((loss) => loss.kind === "left");
  const edits = [
    ...writes.flatMap((loss) => (loss.step === undefined ? [] : before(module, loss.step.statement, join))),
    ...onEveryExit(module, local, others, join),
  ];
  return { title: `Join \`${local.name}\` before it gets another value`, preferred: sure, edits };
}

/** The handle is the variable's first value. */
function isDefinite(site: Site, local: Local): boolean {
  return local.statement !== undefined && contains(local.statement, site.step.span);
}

/** `await using` joins however the scope is left. */
function useUsing(module: Module, { site }: Case, local: Local): Fix | undefined {
  if (local.kind !== "const" || !isDefinite(site, local) || local.statement === undefined) return undefined;
  if (!/\.[mc]?tsx?$/.test(module.file) || site.call.type?.kind !== "named") return undefined;
  const { start } = local.statement;
  if (!module.text.startsWith("const ", start)) return undefined;
  const edit: TextEdit = { file: module.file, start, end: start + "const".length, newText: "await using" };
  return {
    title: `Join \`${local.name}\` however the scope is left: \`await using\``,
    preferred: false,
    edits: [edit],
  };
}

/** The caller may be the one to join. */
function returnIt(module: Module, { losses, site }: Case, local: Local): Fix | undefined {
  const body = module.bodies[local.body];
  const [loss] = losses;
  if (body === undefined || body.kind === "module" || losses.length !== 1 || loss?.exit.keyword !== undefined)
    return undefined;
  if (local.scope !== body.scope && module.scopes[local.scope]?.kind !== "function") return undefined;
  if (site.joined || !fallsOffEnd(module, local.scope)) return undefined;
  return {
    title: `Return \`${local.name}\`, for the caller to join`,
    preferred: false,
    edits: atEndOf(module, local.scope, `return ${local.name};`),
  };
}

function detachVariable(module: Module, site: Site, local: Local): Fix | undefined {
  if (site.joined) return undefined;
  return {
    title: `Detach \`${local.name}\`: nobody waits for its thread, on purpose`,
    preferred: false,
    edits: behind(module, site.step.statement, `${local.name}.detach();`),
  };
}

/** Handles in an array, a Set, a Map or an object. */
function container(module: Module, one: Case): Repairs {
  const loss = one.losses.find((each) => each.held === "inside");
  const local = loss?.local === undefined ? undefined : module.locals[loss.local];
  const name = local?.name;
  if (local === undefined || name === undefined) return repairs([], "Join every handle");
  const help = `Join every handle in \`${name}\``;
  const elements = iterated(module, local);
  if (elements === undefined || !mayAwait(module, local.body)) return repairs([], help);
  const fix: Fix = {
    title: `Join every handle in \`${name}\``,
    preferred: true,
    edits: onEveryExit(module, local, one.losses, joinAll(module, elements)),
  };
  return repairs(fix.edits.length === 0 ? [] : [fix], help);
}

/** How a loop goes over the handles in a container. */
function iterated(module: Module, local: Local): string | undefined {
  const { type, name = "" } = local;
  if (type?.kind === "named" && /^(?:Readonly)?Map$/.test(type.symbol.name)) return `${name}.values()`;
  if (type?.kind === "named" && /^(?:Readonly)?Set$/.test(type.symbol.name)) return name;
  if (type?.kind === "array" || type?.kind === "tuple") return isHandles(type) ? name : undefined;
  return initialText(module, local)?.startsWith("[") ? name : undefined;
}

function isHandles(type: TypeKey): boolean {
  const elements = type.kind === "array" ? [type.element] : type.kind === "tuple" ? type.elements : [];
  return elements.every((element) => element.kind !== "array" && element.kind !== "tuple" && element.kind !== "object");
}

function initialText(module: Module, local: Local): string | undefined {
  if (local.statement === undefined) return undefined;
  return /=\s*([\s\S]*)$/.exec(textOf(module, local.statement))?.[1];
}
