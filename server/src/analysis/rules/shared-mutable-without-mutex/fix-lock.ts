/** The fix that puts a variable into `Arc.new(new Mutex(…))` and makes every use of it take the lock. */
import type { Fix, Span, TextEdit } from "../../diagnostic.js";
import { indentationAt, insert, lineBreak, replace, textOf } from "../../fix.js";
import type { Body, Local, Module, Reference, Scope, ScopeId } from "../../mir/mir.js";
import { mayUse } from "../../places.js";
import { mergeEdits } from "../../threads/edits.js";
import { giveEdits } from "../../threads/give.js";
import { type LibraryName, libraryNames } from "../../threads/imports.js";
import { bodyText, makeAsync } from "../../threads/make-async.js";
import { reachableFrom } from "../../threads/reach.js";
import { type Moved, roleOf, type Scene, type ThreadStart, threadStarts } from "../../threads/starts.js";
import { bodyOf, indexModule, isWithin, type Use } from "../../threads/walk.js";
import { isResultUsed } from "./copies.js";

/** A thread that uses the variable, where its function does, and how it gets the lock. */
interface User {
  readonly start: ThreadStart;
  /** What the function calls it. */
  readonly name: string;
  readonly uses: readonly Named[];
  readonly given: readonly TextEdit[];
}

/** One mention of the variable by its name. */
interface Named {
  readonly span: Span;
  readonly shorthand: boolean;
}

/** Undefined where not every use can be rewritten to the right thing. */
export function lockFix(scene: Scene, local: Local): Fix | undefined {
  const { module } = scene;
  if (!mayUse(module)) return undefined;
  const starts = threadStarts(scene).filter(
    (start) => captureOf(start, local) !== undefined || movedOf(start, local) !== undefined,
  );
  if (!starts.every(({ closure, wrapper, maps }) => closure.how === "inline" && wrapper === undefined && !maps))
    return undefined;
  const movesAlready = starts.every((start) => start.move !== undefined);
  const library = libraryNames(scene, ["Arc", "Mutex", ...(movesAlready ? [] : ["move"])]);
  const guard = isGuardTaken(scene, local) ? `${local.name}Guard` : "guard";
  const users = starts.map((start) => userOf(scene, start, local, library));
  const parts: (readonly TextEdit[] | undefined)[] = [declarationEdits(module, local, library)];
  for (const user of users) parts.push(user === undefined ? undefined : threadEdits(scene, user, guard));
  parts.push(parentEdits(scene, starts, local, guard));
  const edits: TextEdit[] = [];
  for (const part of parts) {
    if (part === undefined) return undefined;
    edits.push(...part);
  }
  return {
    title: `Share \`${local.name}\` behind an \`Arc\` and a \`Mutex\``,
    preferred: true,
    edits: mergeEdits(edits),
  };
}

/** Whether the scope may have, or get from the same fix of another variable, a `guard` already. */
function isGuardTaken(scene: Scene, local: Local): boolean {
  const { locals } = scene.module;
  const changesAnother = ({ closure, moved = [] }: ThreadStart): boolean =>
    closure.body.captures.some(
      (capture) => capture.local !== local.id && capture.uses.some(({ access }) => access !== "read"),
    ) || moved.some(({ place, param }) => place?.base !== local.id && locals[param?.local ?? -1]?.reassigned);
  return locals.some((each) => each.name === "guard") || threadStarts(scene).some(changesAnother);
}

function captureOf({ closure }: ThreadStart, local: Local): readonly Reference[] | undefined {
  return closure.body.captures.find((capture) => capture.local === local.id)?.uses;
}

function movedOf({ moved }: ThreadStart, local: Local): Moved | undefined {
  return moved?.find(({ place, cloned }) => place?.base === local.id && place.path.length === 0 && !cloned);
}

function userOf(
  scene: Scene,
  start: ThreadStart,
  local: Local,
  library: ReadonlyMap<string, LibraryName>,
): User | undefined {
  const { module } = scene;
  const captured = captureOf(start, local);
  const moved = movedOf(start, local);
  const name = local.name ?? "";
  if (moved === undefined) {
    const given = giveEdits(scene, start, [{ expression: `${name}.clone()`, param: name }], library);
    return given === undefined || captured === undefined ? undefined : { start, name, uses: captured, given };
  }
  const param = moved.param?.local === undefined ? undefined : module.locals[moved.param.local];
  if (captured !== undefined || param?.name === undefined || param.span === undefined || moved.param === undefined)
    return undefined;
  // A type or a default that is written at the parameter is that of the value, not of the lock.
  if (moved.param.span.end !== param.span.end) return undefined;
  const uses: Named[] = [];
  for (const use of indexModule(module).uses.get(param.id) ?? []) {
    const span = nameOf(module, use, param.name);
    if (span === undefined) return undefined;
    uses.push({ span, shorthand: isShorthand(use) });
  }
  const sorted = uses
    .sort((a, b) => a.span.start - b.span.start)
    .filter((use, i) => use.span.start !== uses[i - 1]?.span.start);
  return {
    start,
    name: param.name,
    uses: sorted,
    given: [insert(module.file, moved.argument.value.span.end, ".clone()")],
  };
}

/** Where a use writes the name: at its start, or behind a prefix operator. */
function nameOf(module: Module, { span }: Use, name: string): Span | undefined {
  const lead = /^(?:\+\+|--)?\s*/.exec(textOf(module, span))?.[0].length ?? 0;
  const found = { start: span.start + lead, end: span.start + lead + name.length };
  return textOf(module, found) === name ? found : undefined;
}

/** `let n: number = 0;` becomes `const n = Arc.new(new Mutex<number>(0));`. */
function declarationEdits(
  module: Module,
  local: Local,
  library: ReadonlyMap<string, LibraryName>,
): readonly TextEdit[] | undefined {
  const { statement, initializer, span } = local;
  const [arc, mutex] = [library.get("Arc"), library.get("Mutex")];
  if (statement === undefined || initializer === undefined || span === undefined) return undefined;
  if (arc === undefined || mutex === undefined || local.exported) return undefined;
  const head = module.text.slice(statement.start, span.start);
  const tail = module.text.slice(initializer.end, statement.end);
  const keyword = /^(?:let|var|const)\b/.exec(head)?.[0];
  // Another variable in the same statement would become a constant too.
  if (keyword === undefined || head.slice(keyword.length).trim() !== "" || !/^\s*;?\s*$/.test(tail)) return undefined;
  const annotation = /^\s*:\s*([\s\S]*?)\s*=\s*$/.exec(module.text.slice(span.end, initializer.start))?.[1];
  // Nothing says what will be in it: the type of the lock would be that of nothing.
  if (annotation === undefined && /^(?:\[\s*\]|\{\s*\}|null|undefined)$/.test(textOf(module, initializer)))
    return undefined;
  const { file } = module;
  const type = annotation === undefined ? "" : `<${annotation}>`;
  return [
    ...arc.edits,
    ...(keyword === "const"
      ? []
      : [replace(file, { start: statement.start, end: statement.start + keyword.length }, "const")]),
    replace(file, { start: span.end, end: initializer.start }, ` = ${arc.text}.new(new ${mutex.text}${type}(`),
    insert(file, initializer.end, "))"),
  ];
}

function threadEdits(scene: Scene, user: User, guard: string): readonly TextEdit[] | undefined {
  const { module } = scene;
  const { body } = user.start.closure;
  const asynchronous = makeAsync(module, body);
  if (asynchronous === undefined || user.uses.length === 0) return undefined;
  const inside = body.spans.expressionBody
    ? expressionEdits(scene, user, guard)
    : statementEdits(module, body, user, guard);
  return inside === undefined ? undefined : [...user.given, ...asynchronous, ...inside];
}

function taking(name: string, guard: string): string {
  return `using ${guard} = (await ${name}.lock()).unwrap();`;
}

function valueEdit(module: Module, use: Named, name: string, guard: string): TextEdit {
  return replace(module.file, use.span, use.shorthand ? `${name}: ${guard}.value` : `${guard}.value`);
}

/** `() => n++` becomes a body of two statements. */
function expressionEdits(scene: Scene, { start, uses, name }: User, guard: string): readonly TextEdit[] {
  const { module } = scene;
  const { body } = start.closure;
  const { span, text, open, close } = bodyText(module, body);
  let rewritten = text;
  for (const use of [...uses].reverse()) {
    const edit = valueEdit(module, use, name, guard);
    rewritten = rewritten.slice(0, edit.start - span.start) + edit.newText + rewritten.slice(edit.end - span.start);
  }
  const last = isResultUsed(scene, start) ? `return ${rewritten};` : `${rewritten};`;
  return [replace(module.file, span, open + [taking(name, guard), last].join(close.separator) + close.end)];
}

/** Takes the lock before the first statement that uses the variable, and holds it to the end of that block. */
function statementEdits(
  module: Module,
  body: Body,
  { uses, name }: User,
  guard: string,
): readonly TextEdit[] | undefined {
  const block = blockAround(module, body, uses);
  if (block === undefined) return undefined;
  const statements = statementsOf(module, body, block, uses);
  const values = uses.map((use) => valueEdit(module, use, name, guard));
  const eol = lineBreak(module.text);
  const first = statements[0];
  if (first === undefined) return undefined;
  const indent = indentationAt(module.text, first.start);
  const rest = { start: Math.max(...statements.map(({ end }) => end)), end: block.span.end };
  const taken = insert(module.file, first.start, `${taking(name, guard)}${eol}${indent}`);
  if (!awaitsIn(module, body, rest))
    return onOwnLine(module, first) ? [taken, ...values] : [oneLine(module, first, name, guard), ...values];
  // What comes behind waits for something: the lock is given back before.
  if (statements.length > 1) return undefined;
  return [
    insert(module.file, first.start, `{${eol}${indent}  ${taking(name, guard)}${eol}${indent}  `),
    ...values,
    insert(module.file, first.end, `${eol}${indent}}`),
  ];
}

function onOwnLine(module: Module, statement: Span): boolean {
  return /(?:^|[\r\n])[ \t]*$/.test(module.text.slice(0, statement.start));
}

function oneLine(module: Module, statement: Span, name: string, guard: string): TextEdit {
  return insert(module.file, statement.start, `${taking(name, guard)} `);
}

/** The innermost block of the thread's own function that has all the uses in it. */
function blockAround(module: Module, body: Body, uses: readonly Named[]): Scope | undefined {
  const around = module.scopes.filter(
    (scope) =>
      scope.body === body.id &&
      module.text.charAt(scope.span.start - 1) === "{" &&
      scope.kind !== "switch" &&
      scope.kind !== "class" &&
      uses.every(({ span }) => scope.span.start <= span.start && span.end <= scope.span.end),
  );
  return around.sort((a, b) => a.span.end - a.span.start - (b.span.end - b.span.start))[0];
}

/** The statements of the block itself that have the uses in them, in order; empty where one cannot be told. */
function statementsOf(module: Module, body: Body, block: Scope, uses: readonly Named[]): readonly Span[] {
  const steps = body.blocks.flatMap((each) => each.steps).filter((step) => step.kind !== "end-scope");
  // A loop without braces has its steps in a scope of its own, which is the whole statement.
  const loops = module.scopes.filter(
    ({ kind, parent }) => kind === "loop" && parent !== undefined && isDirectly(module, parent, block),
  );
  const own = [
    ...steps.flatMap((step) => (isDirectly(module, step.scope, block) ? [step.statement] : [])),
    ...loops.map(({ span }) => span),
  ];
  const found: Span[] = [];
  for (const { span } of uses) {
    const around = own.filter(({ start, end }) => start <= span.start && span.end <= end);
    const statement = around.sort((a, b) => a.start - b.start || b.end - a.end)[0];
    if (statement === undefined) return [];
    if (!found.some((each) => each.start === statement.start)) found.push(statement);
  }
  return found.sort((a, b) => a.start - b.start);
}

/** A function's parameters have a scope around that of its braces. */
function isDirectly(module: Module, scope: number, block: Scope): boolean {
  const own = module.scopes[scope];
  return (
    own?.id === block.id ||
    (own !== undefined && own.span.start === block.span.start && own.span.end === block.span.end)
  );
}

function awaitsIn(module: Module, body: Body, span: Span): boolean {
  const text = textOf(module, span);
  return (
    text.trim() !== "" &&
    body.blocks.some((block) =>
      block.steps.some(
        (step) =>
          step.kind === "assign" &&
          step.value.kind === "await" &&
          step.span.start >= span.start &&
          step.span.end <= span.end,
      ),
    )
  );
}

/** The parent reads what the threads made of it, under the lock, once they are done. */
function parentEdits(
  scene: Scene,
  users: readonly ThreadStart[],
  local: Local,
  guard: string,
): readonly TextEdit[] | undefined {
  const { module } = scene;
  const name = local.name ?? "";
  const outside = (indexModule(module).uses.get(local.id) ?? []).filter(
    (use) =>
      !users.some((user) => isWithin(module, use.at.body, user.closure.body.id) || isMovedBy(user, use)) &&
      !isDeclaration(use),
  );
  const [first] = outside;
  if (first === undefined) return [];
  const body = bodyOf(module, first.at);
  if (outside.some((use) => use.access !== "read" || use.at.body !== body.id)) return undefined;
  if (!users.every((user) => isWithin(module, user.at.body, body.id))) return undefined;
  if (outside.some((use) => use.place.path.length > 0 && textOf(module, use.span).startsWith(name) === false))
    return undefined;
  const takes = body.async ? taking(name, guard) : `using ${guard} = ${name}.lockSync().unwrap();`;
  const statements = outside.flatMap((use) => statementOf(module, use) ?? []);
  const earliest = [...statements].sort((a, b) => a.statement.start - b.statement.start)[0];
  if (earliest === undefined || statements.length !== outside.length) return undefined;
  if (statements.some(({ scope }) => scope !== earliest.scope) || !onOwnLine(module, earliest.statement))
    return undefined;
  const eol = lineBreak(module.text);
  const indent = indentationAt(module.text, earliest.statement.start);
  const values = outside.map((use) => {
    const named = { start: use.span.start, end: use.span.start + name.length };
    return valueEdit(module, { span: named, shorthand: isShorthand(use) }, name, guard);
  });
  const { start, end } = earliest.statement;
  if (!runsThreadsAfter(scene, first, outside))
    return [insert(module.file, start, `${takes}${eol}${indent}`), ...values];
  // A lock that is held while threads run would stop them: it is given back at once.
  const declares = /^(?:const|let|var|using|await using|class|function)\b/.test(textOf(module, earliest.statement));
  if (declares || statements.some((step) => step.statement.start !== start)) return undefined;
  return [
    insert(module.file, start, `{${eol}${indent}  ${takes}${eol}${indent}  `),
    ...values,
    insert(module.file, end, `${eol}${indent}}`),
  ];
}

interface Statement {
  readonly statement: Span;
  readonly scope: ScopeId;
}

/** The statement around a use, and the block that it stands in. */
function statementOf(module: Module, { at, step, terminator, span }: Use): Statement | undefined {
  if (step !== undefined) return step;
  if (terminator?.kind !== "return" && terminator?.kind !== "throw") return undefined;
  if (!/^(?:return|throw)\b/.test(textOf(module, terminator.span))) return undefined;
  const around = module.scopes.filter(
    (scope) => scope.body === at.body && scope.span.start <= span.start && span.end <= scope.span.end,
  );
  const innermost = around.sort((a, b) => a.span.end - a.span.start - (b.span.end - b.span.start))[0];
  return innermost === undefined ? undefined : { statement: terminator.span, scope: innermost.id };
}

function isMovedBy({ moved }: ThreadStart, use: Use): boolean {
  return moved?.some(({ argument }) => argument.value.span.start === use.span.start) === true;
}

function isDeclaration({ step }: Use): boolean {
  return step?.kind === "assign" && step.declares;
}

/** `{ n }`: the name is the property's too. */
function isShorthand({ step, span }: Use): boolean {
  if (step?.kind !== "assign" || step.value.kind !== "object") return false;
  return step.value.fields.some((field) => field.shorthand && field.value.span.start === span.start);
}

/** Whether a thread may want the lock after the parent's reads: it was not joined before the first, or runs later. */
function runsThreadsAfter(scene: Scene, first: Use, reads: readonly Use[]): boolean {
  const { module } = scene;
  const body = bodyOf(module, first.at);
  const joins = indexModule(module).calls.filter(
    ({ at, call }) => isWithin(module, at.body, body.id) && roleOf(scene, call)?.kind === "join",
  );
  if (!joins.some(({ call }) => call.spans.whole.start < first.span.start)) return true;
  if (joins.some(({ at, call }) => at.body !== body.id && call.spans.whole.start > first.span.start)) return true;
  return reads.some((read) => {
    const reaches = reachableFrom(body, read.at);
    return indexModule(module).calls.some(({ at, call }) => {
      const kind = at.body === body.id && reaches(at) ? roleOf(scene, call)?.kind : undefined;
      return kind === "spawn" || kind === "join" || kind === "scope" || kind === "lock";
    });
  });
}
