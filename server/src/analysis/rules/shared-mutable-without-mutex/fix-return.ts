/** The fixes that make the thread return what it changed, and the parent take it from `join()`. */
import type { Fix, Span, TextEdit } from "../../diagnostic.js";
import { indentationAt, indentationUnit, insert, lineBreak, replace, textOf } from "../../fix.js";
import type { Body, Local, LocalId, Module } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import type { SharedChange } from "../../threads/changes.js";
import { mergeEdits } from "../../threads/edits.js";
import { giveEdits } from "../../threads/give.js";
import { bodyText } from "../../threads/make-async.js";
import { inLoop, reachableFrom } from "../../threads/reach.js";
import { roleOf, type Scene, type ThreadStart } from "../../threads/starts.js";
import { bodyOf, indexModule, type Point, type Use } from "../../threads/walk.js";

type Of<K extends SharedChange["kind"]> = SharedChange & { readonly kind: K };

/** `thread.spawn(() => { x = f(); })` becomes `thread.spawn(() => { return f(); })`, and the join `x = (await …).unwrap()`. */
export function returnFix(scene: Scene, start: ThreadStart, change: Of<"assigned">): Fix | undefined {
  const { module } = scene;
  const { local, changes } = change;
  const { body } = start.closure;
  const [only, ...others] = changes;
  const uses = body.captures.find((capture) => capture.local === local.id)?.uses ?? [];
  if (only === undefined || others.length > 0 || uses.length !== 1 || uses[0]?.access !== "write") return undefined;
  if (!canReturn(scene, start, change.through) || only.at.body !== body.id) return undefined;
  const join = soleJoin(scene, start);
  if (join === undefined || isReadBetween(scene, start, local.id, join.at)) return undefined;
  const returned = assignmentToReturn(module, body, only.statement, local.name ?? "");
  if (returned === undefined) return undefined;
  const edits = [returned, ...takeResult(module, join, local.name ?? "")];
  return { title: `Return \`${local.name}\` from the thread, and take it from \`join()\``, preferred: true, edits };
}

/** Moves the object in, returns it, and puts it back at the join. */
export function returnReachedFix(scene: Scene, start: ThreadStart, change: Of<"reached">): readonly Fix[] | undefined {
  const { local } = change;
  const name = local.name;
  if (name === undefined || local.kind === "this") return undefined;
  const given = giveEdits(scene, start, [{ expression: name, param: name }]);
  return given === undefined ? undefined : [returnObject(scene, start, local, name, given) ?? []].flat();
}

export function returnCopiedFix(scene: Scene, start: ThreadStart, change: Of<"copied">): Fix | undefined {
  const { place, moved } = change;
  const local = scene.module.locals[place.base];
  const param = moved.param?.local === undefined ? undefined : change.module.locals[moved.param.local]?.name;
  if (local === undefined || place.path.length > 0 || param === undefined) return undefined;
  return returnObject(scene, start, local, param, []);
}

function returnObject(
  scene: Scene,
  start: ThreadStart,
  local: Local,
  inThread: string,
  given: readonly TextEdit[],
): Fix | undefined {
  const { module } = scene;
  const name = local.name ?? "";
  if (!canReturn(scene, start, undefined) || local.body !== start.at.body) return undefined;
  const join = soleJoin(scene, start);
  const reassignable = makeReassignable(module, local);
  if (join === undefined || reassignable === undefined || isReadBetween(scene, start, local.id, join.at))
    return undefined;
  const edits = [
    ...given,
    ...reassignable,
    returnAtEnd(module, start.closure.body, inThread),
    ...takeResult(module, join, name),
  ];
  return {
    title: `Return \`${inThread}\` from the thread, and take it from \`join()\``,
    preferred: true,
    edits: mergeEdits(edits),
  };
}

/** Whether the thread's function runs once, is written in the call, and returns nothing yet. */
function canReturn(scene: Scene, { closure, wrapper, maps, at }: ThreadStart, through: string | undefined): boolean {
  const { body, module, how } = closure;
  if (module !== scene.module || how !== "inline" || wrapper !== undefined || maps || through !== undefined)
    return false;
  if (body.generator || inLoop(bodyOf(module, at), at)) return false;
  return body.spans.expressionBody || body.blocks.every(({ end }) => end.kind !== "return" || end.implicit);
}

interface Join {
  readonly at: Point;
  /** The expression statement that joins, without its semicolon. */
  readonly span: Span;
  readonly unwrapped: boolean;
}

/** The one statement that joins the thread and takes nothing from it: `await h.join();`, `(await h.join()).unwrap();`. */
function soleJoin(scene: Scene, start: ThreadStart): Join | undefined {
  // What `join()` gives has to be opened in an expression.
  if (libraryOf(scene).dialect.results !== "methods") return undefined;
  const { module } = scene;
  if (start.handle.path.length > 0) return undefined;
  const names = sameValue(module, start.handle.base);
  const uses = [...names]
    .flatMap((name) => indexModule(module).uses.get(name) ?? [])
    .filter((use) => use.access === "read");
  const joins = uses.flatMap((use) => {
    const { step } = use;
    if (step?.kind !== "assign" || step.value.kind !== "call" || use.at.body !== start.at.body) return [];
    const role = roleOf(scene, step.value);
    return role?.kind === "join" && step.to.path.length === 0 ? [{ use, result: step.to.base }] : [];
  });
  const [only, ...others] = joins;
  const elsewhere = uses.some(
    (use) => !(use.step?.kind === "assign" && (use.step.value.kind === "call" || use.step.value.kind === "use")),
  );
  if (only === undefined || others.length > 0 || elsewhere) return undefined;
  const end = discardedAs(scene, only.result, false);
  return end === undefined ? undefined : { at: only.use.at, ...end };
}

/** The local, and those that are given its value as it is. */
function sameValue(module: Module, local: LocalId): ReadonlySet<LocalId> {
  const names = new Set([local]);
  for (const name of names) {
    for (const { step, place } of indexModule(module).uses.get(name) ?? []) {
      if (step?.kind !== "assign" || step.value.kind !== "use" || step.to.path.length > 0 || place.path.length > 0)
        continue;
      if (step.to.base !== name) names.add(step.to.base);
    }
  }
  return names;
}

function discardedAs(scene: Scene, local: LocalId, unwrapped: boolean): Pick<Join, "span" | "unwrapped"> | undefined {
  const { module } = scene;
  const reads = (indexModule(module).uses.get(local) ?? []).filter((use) => use.access === "read");
  const [only, ...others] = reads;
  if (only?.step === undefined || others.length > 0) return undefined;
  const { step } = only;
  if (step.kind === "discard") {
    const text = textOf(module, step.statement);
    const plain =
      !step.onPurpose &&
      text.replace(/;\s*$/, "").length === step.span.end - step.span.start &&
      step.span.start === step.statement.start;
    return plain ? { span: step.span, unwrapped } : undefined;
  }
  if (step.kind !== "assign" || step.to.path.length > 0 || module.locals[step.to.base]?.kind !== "temp")
    return undefined;
  if (step.value.kind === "await" || step.value.kind === "use") return discardedAs(scene, step.to.base, unwrapped);
  if (step.value.kind === "call" && roleOf(scene, step.value)?.kind === "unwrap")
    return discardedAs(scene, step.to.base, true);
  return undefined;
}

function takeResult({ file }: Module, { span, unwrapped }: Join, name: string): readonly TextEdit[] {
  return unwrapped
    ? [insert(file, span.start, `${name} = `)]
    : [insert(file, span.start, `${name} = (`), insert(file, span.end, ").unwrap()")];
}

function isReadBetween(scene: Scene, start: ThreadStart, local: LocalId, join: Point): boolean {
  const body = bodyOf(scene.module, start.at);
  const reaches = reachableFrom(body, start.at, [join]);
  return (indexModule(scene.module).uses.get(local) ?? []).some((use: Use) => use.access === "read" && reaches(use.at));
}

/** `const list = …` must become `let list = …` to take the result. */
function makeReassignable(module: Module, local: Local): readonly TextEdit[] | undefined {
  if (local.kind === "let" || local.kind === "var" || local.kind === "param") return [];
  const { statement, initializer } = local;
  if (local.kind !== "const" || local.exported || statement === undefined || initializer === undefined)
    return undefined;
  const alone = /^\s*;?\s*$/.test(module.text.slice(initializer.end, statement.end));
  const keyword = { start: statement.start, end: statement.start + "const".length };
  return alone && textOf(module, keyword) === "const" ? [replace(module.file, keyword, "let")] : undefined;
}

/** Only an assignment that is the last thing the function does can become its `return`. */
function assignmentToReturn(module: Module, body: Body, statement: Span, name: string): TextEdit | undefined {
  const inside = body.spans.body;
  const span = body.spans.expressionBody ? inside : statement;
  const head = new RegExp(`^${name}\\s*=\\s*(?!=)`).exec(textOf(module, span))?.[0];
  if (head === undefined) return undefined;
  const target = { start: span.start, end: span.start + head.length };
  if (body.spans.expressionBody) {
    return module.text.charAt(target.end) === "{" ? undefined : replace(module.file, target, "");
  }
  const isLast = module.text.slice(statement.end, inside.end).trim() === "";
  const isOwn = body.blocks.some((block) =>
    block.steps.some((step) => step.statement.start === statement.start && isOutermost(module, body, step.scope)),
  );
  return isLast && isOwn ? replace(module.file, target, "return ") : undefined;
}

function isOutermost(module: Module, body: Body, scope: number): boolean {
  const own = module.scopes[scope];
  return (
    own !== undefined &&
    (own.id === body.scope || (own.span.start === body.spans.body.start && own.span.end === body.spans.body.end))
  );
}

function returnAtEnd(module: Module, body: Body, name: string): TextEdit {
  const { body: inside, expressionBody } = body.spans;
  const eol = lineBreak(module.text);
  if (expressionBody) {
    const { span, text, open, close } = bodyText(module, body);
    return replace(module.file, span, open + [`${text};`, `return ${name};`].join(close.separator) + close.end);
  }
  const text = textOf(module, inside);
  if (!text.includes("\n"))
    return insert(module.file, inside.end - (/\s*$/.exec(text)?.[0].length ?? 0), ` return ${name};`);
  const outer = indentationAt(module.text, body.spans.whole.start);
  const last = inside.end - (/\s*$/.exec(text)?.[0].length ?? 0);
  return insert(module.file, last, `${eol}${outer}${indentationUnit(module.text)}return ${name};`);
}
