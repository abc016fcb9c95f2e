/** Repairs for handles that a variable or a container holds and that are not joined on every path. */
import type { Fix, Span, TextEdit } from "../../../diagnostic.js";
import { textOf } from "../../../fix.js";
import type { Body, Local, Loop, Module } from "../../../mir/mir.js";
import type { Dialect } from "../../../models/dialect.js";
import type { Site } from "../../../ownership/engine.js";
import {
  atEndOf,
  before,
  behind,
  fallsOffEnd,
  freshName,
  isAlone,
  mayAwait,
  mayUse,
  onEveryExit,
} from "../../../places.js";
import type { TypeKey } from "../../../program/program.js";
import type { Case } from "../findings.js";
import { innermostLoop, joinAll, joinOne, type Repairs, repairs } from "./repairs.js";

/** A handle in a variable. */
export function variable(module: Module, one: Case, dialect: Dialect): Repairs {
  const loss = one.losses.find((each) => each.held === "directly");
  const local = loss?.local === undefined ? undefined : module.locals[loss.local];
  if (local?.name === undefined || loss === undefined) return repairs([], "Join the thread on every path");
  const help = one.losses.some(({ exit }) => exit.keyword === "call")
    ? `Join \`${local.name}\` in a \`finally\`, or bind it with \`await using\`: both happen however the scope is left`
    : `Join the thread on every path: \`await ${local.name}.join()\``;
  const isHandle = loss.wrapped === undefined;
  const detach = isHandle ? detachVariable(module, one.site, local, dialect) : undefined;
  if (!mayAwait(module, local.body)) return repairs([returnIt(module, one, local), detach], help);
  if (one.losses.some((each) => each.kind === "overwritten"))
    return repairs([joinBeforeWrite(module, one, local, dialect), detach], help);
  const loop = collectable(module, one, local);
  const join =
    loop === undefined
      ? joinVariable(module, one, local, dialect)
      : collectVariable(module, one, local, { loop, dialect });
  return repairs(
    [
      join,
      isHandle && dialect.usingJoins ? useUsing(module, one, local) : undefined,
      returnIt(module, one, local),
      detach,
    ],
    help,
  );
}

/** The loop around a variable that nothing joins in its turn: its threads had better run side by side. */
function collectable(module: Module, { site, losses }: Case, local: Local): Loop | undefined {
  if (site.met || losses.length !== 1 || losses[0]?.exit.keyword !== undefined) return undefined;
  const { statement } = local;
  return statement === undefined || site.local !== local.id ? undefined : innermostLoop(module, local.body, statement);
}

interface Collecting {
  readonly loop: Loop;
  readonly dialect: Dialect;
}

function collectVariable(module: Module, { site, ordinal }: Case, local: Local, { loop, dialect }: Collecting): Fix {
  const name = freshName(module, "handles", ordinal);
  return {
    title: "Collect the handles and join them all behind the loop",
    preferred: true,
    edits: [
      ...before(module, loop.span, `const ${name} = [];`),
      ...behind(module, site.step.statement, `${name}.push(${local.name});`),
      ...behind(module, loop.span, joinAll(dialect, name)),
    ],
  };
}

function joinVariable(module: Module, { losses, site }: Case, local: Local, dialect: Dialect): Fix | undefined {
  const sure = isSure(site, local);
  const optional = sure && !losses.some((loss) => loss.maybeNothing) ? "" : "?";
  const wrapped = losses.find((loss) => loss.wrapped !== undefined)?.wrapped;
  const opened = wrapped === "result" ? `${local.name}.unwrap()` : local.name;
  const handle = wrapped === "promise" ? `(await ${local.name})` : `${opened}`;
  const edits = onEveryExit(module, local, losses, joinOne(dialect, handle, optional));
  if (edits.length === 0) return undefined;
  return {
    title:
      losses.length > 1 ? `Join \`${local.name}\` on every way out` : `Join \`${local.name}\` before its scope ends`,
    preferred: sure,
    edits,
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

function joinBeforeWrite(module: Module, { losses, site }: Case, local: Local, dialect: Dialect): Fix | undefined {
  const writes = losses.filter((loss) => loss.kind === "overwritten" && loss.local === local.id);
  const [first] = writes;
  if (first?.step === undefined) return undefined;
  const inLoop = innermostLoop(module, local.body, first.step.span);
  const sure = inLoop === undefined && isDefinite(site, local);
  const join = joinOne(dialect, local.name ?? "", sure ? "" : "?");
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
  if (!mayUse(module) || !isAlone(module, local) || site.call.type?.kind !== "named") return undefined;
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
  if (site.met || !fallsOffEnd(module, local.scope) || saysWhatItReturns(module, body)) return undefined;
  return {
    title: `Return \`${local.name}\`, for the caller to join`,
    preferred: false,
    edits: atEndOf(module, local.scope, `return ${local.name};`),
  };
}

/** `(): void {`: a type that is written there is not that of a handle, or something would have been returned. */
function saysWhatItReturns(module: Module, { spans }: Body): boolean {
  if (spans.params === undefined) return false;
  return /^[^{]*?\)\s*:/.test(module.text.slice(spans.params.end, spans.body.start));
}

function detachVariable(module: Module, site: Site, local: Local, { detach }: Dialect): Fix | undefined {
  if (site.met) return undefined;
  return {
    title: `Detach \`${local.name}\`: nobody waits for its thread, on purpose`,
    preferred: false,
    edits: behind(
      module,
      site.step.statement,
      detach === "method" ? `${local.name}.detach();` : `void ${local.name}.join();`,
    ),
  };
}

/** Handles in an array, a Set, a Map or an object. */
export function container(module: Module, one: Case, dialect: Dialect): Repairs {
  const loss = one.losses.find((each) => each.held === "inside");
  const local = loss?.local === undefined ? undefined : module.locals[loss.local];
  const name = local?.name;
  if (local === undefined || name === undefined) return repairs([], "Join every handle");
  const isStack = /^new (?:globalThis\.)?AsyncDisposableStack\b/.test(initialText(module, local) ?? "");
  if (isStack) return repairs([bindStack(module, local)], `Dispose of \`${name}\`, or bind it with \`await using\``);
  const help = `Join every handle in \`${name}\``;
  const elements = iterated(module, local);
  if (elements === undefined || !mayAwait(module, local.body)) return repairs([], help);
  const fix: Fix = {
    title: `Join every handle in \`${name}\``,
    preferred: true,
    edits: onEveryExit(module, local, one.losses, joinAll(dialect, elements)),
  };
  return repairs(fix.edits.length === 0 ? [] : [fix], help);
}

/** What is in the stack is joined however its scope is left. */
function bindStack(module: Module, local: Local): Fix | undefined {
  const { statement, name = "" } = local;
  if (statement === undefined || local.kind !== "const" || !mayUse(module) || !mayAwait(module, local.body))
    return undefined;
  if (!isAlone(module, local) || !module.text.startsWith("const ", statement.start)) return undefined;
  const edit: TextEdit = {
    file: module.file,
    start: statement.start,
    end: statement.start + "const".length,
    newText: "await using",
  };
  return {
    title: `Join what is in \`${name}\` however the scope is left: \`await using\``,
    preferred: true,
    edits: [edit],
  };
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
