/** Where in the text a fix can put a statement. */
import type { Span, TextEdit } from "./diagnostic.js";
import { indentationAt, indentationUnit, insert, lineBreak, lineEnd, lineStart, replace, textOf } from "./fix.js";
import type { BodyId, Local, Module, ScopeId } from "./mir/mir.js";
import type { Loss } from "./ownership/engine.js";

/** Whether `await` may stand in a body. At the top of a module it may, unless the file is CommonJS. */
export function mayAwait(module: Module, id: BodyId): boolean {
  const body = module.bodies[id];
  if (body === undefined) return false;
  if (body.kind === "module") return module.imports.length > 0 && !/\.c[jt]s$/.test(module.file);
  return body.async;
}

/**
 * Whether a fix may write `using`. A compiler has seen TypeScript before it runs; plain JavaScript runs as it is, and not
 * every Node knows `using`. A file that has one already is for those that do.
 */
export function mayUse({ file, text }: Pick<Module, "file" | "text">): boolean {
  return /\.[mc]?tsx?$/.test(file) || /^[ \t]*(?:await )?using [A-Za-z_$]/m.test(text);
}

/** Whether a declaration is of this variable only: what becomes `using` is the whole statement. */
export function isAlone({ text }: Module, { statement, initializer, span }: Local): boolean {
  if (statement === undefined || initializer === undefined || span === undefined) return false;
  const keyword = text.slice(statement.start, span.start);
  return /^\w+\s+$/.test(keyword) && /^\s*;?\s*$/.test(text.slice(initializer.end, statement.end));
}

/**
 * A statement to put behind `offset`, kept apart from the code there: without a semicolon between them, `f()` and a
 * line that begins with a parenthesis are one call (ECMAScript, "Automatic Semicolon Insertion").
 */
export function separated(text: string, offset: number, added: string): string {
  if (!added.startsWith("(")) return added;
  const ahead = text
    .slice(Math.max(0, offset - 1000), offset)
    .replace(/\s+(?:\/\/[^\r\n]*|\/\*(?:(?!\*\/)[\s\S])*\*\/)\s*$/, "")
    .trimEnd();
  // In a file with semicolons, a brace that ends a line without one ends a block.
  const apart = ahead === "" || /[;{:]$/.test(ahead) || (ahead.endsWith("}") && /;[ \t]*$/m.test(text));
  return apart ? added : `;${added}`;
}

/** A statement of its own before `statement`, which gets braces where it is the only statement of an `if` or a loop. */
export function before(module: Module, statement: Span, added: string): readonly TextEdit[] {
  const { file, text } = module;
  if (isBraceless(text, statement.start)) {
    const body = text.slice(statement.start, statement.end);
    return [replace(file, statement, `{ ${added} ${body} }`)];
  }
  const start = lineStart(text, statement.start);
  if (text.slice(start, statement.start).trim() !== "") return [insert(file, statement.start, `${added} `)];
  return [
    insert(file, start, `${indentationAt(text, statement.start)}${separated(text, start, added)}${lineBreak(text)}`),
  ];
}

/** A statement of its own behind `statement`. */
export function behind(module: Module, statement: Span, added: string): readonly TextEdit[] {
  const { file, text } = module;
  if (isBraceless(text, statement.start)) {
    const body = text.slice(statement.start, statement.end);
    return [replace(file, statement, `{ ${body} ${separated(text, statement.end, added)} }`)];
  }
  const end = lineEnd(text, statement.end);
  const apart = separated(text, statement.end, added);
  if (text.slice(statement.end, end).trim() === "" || /^\s*\/\//.test(text.slice(statement.end, end))) {
    return [insert(file, end, `${lineBreak(text)}${indentationAt(text, statement.start)}${apart}`)];
  }
  return [insert(file, statement.end, ` ${apart}`)];
}

/** A statement as the last one of a scope. */
export function atEndOf(module: Module, scope: ScopeId, added: string): readonly TextEdit[] {
  const { file, text, scopes, bodies } = module;
  const found = scopes[scope];
  if (found === undefined) return [];
  if (found.kind === "module") {
    const last = text.trimEnd().length;
    return [insert(file, last, `${lineBreak(text)}${separated(text, last, added)}`)];
  }
  const body = bodies[found.body];
  if (body?.spans.expressionBody && found.id === body.scope) return [];
  const inside = text.slice(found.span.start, found.span.end);
  const last = found.span.start + inside.trimEnd().length;
  if (!/[\r\n]/.test(inside)) return [insert(file, last, ` ${separated(text, last, added)}`)];
  const indentation = indentationAt(text, found.span.end) + indentationUnit(text);
  return [insert(file, last, `${lineBreak(text)}${indentation}${separated(text, last, added)}`)];
}

/** Whether control reaches the end of a scope, as far as its last statement tells. */
export function fallsOffEnd(module: Module, scope: ScopeId): boolean {
  const span = module.scopes[scope]?.span;
  if (span === undefined) return false;
  const lines = module.text
    .slice(span.start, span.end)
    .trimEnd()
    .split(/[\r\n]+/);
  return !/^\s*(?:return|throw|break|continue)\b/.test(lines.at(-1) ?? "");
}

/** `if (x) statement`, `else statement`, `while (x) statement`: there is no block to put another statement into. */
export function isBraceless(text: string, start: number): boolean {
  const ahead = text.slice(Math.max(0, start - 200), start).trimEnd();
  return ahead.endsWith(")") || /\b(?:else|do)$/.test(ahead);
}

/** The `ordinal`-th (from 0) of the names `wanted`, `wanted2`, … that nothing in the file has. */
export function freshName(module: Module, wanted: string, ordinal: number): string {
  const taken = new Set(module.locals.map((local) => local.name));
  let name = wanted;
  for (let number = 2, left = ordinal; taken.has(name) || left-- > 0; number++) name = `${wanted}${number}`;
  return name;
}

/**
 * The statement before each jump that leaves, and at the end of the scope where a path gets there. As the `last use` of
 * the variable it comes behind what the jump makes of it: `return g.value` becomes `const result = g.value; …; return result`.
 */
export function onEveryExit(
  module: Module,
  local: Local,
  losses: readonly Loss[],
  added: string,
  order: "any" | "last use" = "any",
): readonly TextEdit[] {
  // A statement before a call that throws comes too early.
  if (losses.some(({ exit }) => exit.keyword === "call")) return [];
  const edits: TextEdit[] = [];
  const done = new Set<number>();
  for (const { exit, kind } of losses) {
    if (kind !== "left" || done.has(exit.span.start)) continue;
    done.add(exit.span.start);
    if (exit.keyword === undefined) continue;
    const isUsed = order === "last use" && mentions(textOf(module, exit.span), local.name ?? "");
    edits.push(...(isUsed ? inPlaceOf(module, exit.span, added) : before(module, exit.span, added)));
  }
  const reachesEnd = losses.some(({ exit, kind }) => kind === "left" && exit.keyword === undefined);
  if (reachesEnd) edits.push(...atEndOf(module, local.scope, added));
  return edits;
}

function mentions(text: string, name: string): boolean {
  return text.split(/[^\w$]+/).includes(name);
}

/** `return value;` becomes `const result = value; added return result;`, and `throw` likewise. */
function inPlaceOf(module: Module, jump: Span, added: string): readonly TextEdit[] {
  const { file, text } = module;
  const [, keyword = "return", expression = "", semicolon = ""] =
    /^(return|throw)\b\s*([\s\S]*?)(;?)$/.exec(textOf(module, jump)) ?? [];
  // What a literal is to be is known where it is returned, and not in a variable: its type would be wider.
  if (/(?:^|[(,:?=&|>])\s*[{[]/.test(expression))
    return [replace(file, jump, `try { ${textOf(module, jump)} } finally { ${added} }`)];
  const name = freshName(module, keyword === "throw" ? "error" : "result", 0);
  const back = `${keyword} ${name}${semicolon}`;
  const oneLine = `const ${name} = ${expression}; ${added} ${back}`;
  // All cases of a `switch` are one block: the names of one are there in the others.
  const isCase = /\b(?:case\b[^:\n]*|default)\s*:\s*$/.test(text.slice(Math.max(0, jump.start - 200), jump.start));
  if (isCase || isBraceless(text, jump.start)) return [replace(file, jump, `{ ${oneLine} }`)];
  if (text.slice(lineStart(text, jump.start), jump.start).trim() !== "") return [replace(file, jump, oneLine)];
  const lines = [`const ${name} = ${expression}${semicolon}`, added, back];
  return [replace(file, jump, lines.join(`${lineBreak(text)}${indentationAt(text, jump.start)}`))];
}

/** The brace that ends a scope; a range in which nothing stands cannot be shown. */
export function shownAs(text: string, { start, end }: Span): Span {
  if (end > start) return { start, end };
  if (text[start] === "}") return { start, end: start + 1 };
  return text[start - 1] === "}" ? { start: start - 1, end: start } : { start, end: Math.min(start + 1, text.length) };
}
