// A guard that is dropped while an error leaves its scope poisons its lock. Compiled `using` tells the helpers of that
// error; Node's own `using` (from Node 24) tells nobody. So in a closure's text each such declaration is followed by a
// `try` around the rest of its block, whose `catch` tells the resource and throws on.

/** Where Node knows `using` itself. */
export const hasNativeUsing = knowsUsing();

function knowsUsing(): boolean {
  try {
    new Function("{ using x = null; }");
    return true;
  } catch {
    return false;
  }
}

/** The name of the function that a rewritten closure calls with a resource that an error goes past. */
export const passing = "__fearlessPassing";

interface Insertion {
  readonly at: number;
  readonly text: string;
}

/** The text with every `using` followed by a `try`; the same text where there is none. Lines stay as they are. */
export function watchUsing(source: string): string {
  if (!/\busing\s+[\p{ID_Start}$_]/u.test(source)) return source;
  const insertions: Insertion[] = [];
  const code = blankOut(source);
  for (const found of code.matchAll(/\busing[ \t]+([\p{ID_Start}$_][\p{ID_Continue}$]*)\s*=(?!=|>)/gu)) {
    const start = found.index;
    if (/(?:\bfor\s*(?:await\s*)?\(\s*(?:await\s+)?|[.$\w])$/.test(code.slice(0, start).replace(/\bawait\s+$/, "")))
      continue;
    const end = statementEnd(code, start + found[0].length);
    const close = blockEnd(code, end);
    if (close === undefined || close === end) continue;
    insertions.push({ at: end, text: "; try {" });
    insertions.push({ at: close, text: `} catch (__error) { ${passing}(${found[1]}); throw __error; }` });
  }
  // The block of a later declaration is inside that of an earlier one, so its closing text comes first.
  const ordered = insertions.map((insertion, order) => ({ ...insertion, order }));
  ordered.sort((a, b) => b.at - a.at || a.order - b.order);
  let text = source;
  for (const { at, text: inserted } of ordered) text = text.slice(0, at) + inserted + text.slice(at);
  return text;
}

/** Where the statement that goes on at `from` ends: at a semicolon, a line's end that ends it, or its block's end. */
function statementEnd(code: string, from: number): number {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    const c = code[i] ?? "";
    if ("([{".includes(c)) depth++;
    else if (")]}".includes(c)) {
      if (depth === 0) return i;
      depth--;
    } else if (depth > 0) continue;
    else if (c === ";") return i;
    else if (c === "\n" && endsHere(code, from, i)) return i;
  }
  return code.length;
}

/** Whether a line's end ends the statement: neither side of it goes on. */
function endsHere(code: string, from: number, newline: number): boolean {
  const before = code.slice(from, newline).trimEnd();
  const after = code.slice(newline).trimStart();
  return (
    before !== "" &&
    !/(?:[-+*/%&|^<>=?:,.!~([{]|\b(?:await|new|typeof|void))$/.test(before) &&
    !/^(?:[-+*/%&|^<>=?:,.([`]|(?:instanceof|in|as)\b)/.test(after)
  );
}

/** Where the block that `from` is in ends: its closing brace. */
function blockEnd(code: string, from: number): number | undefined {
  let depth = 0;
  for (let i = from; i < code.length; i++) {
    if (code[i] === "{") depth++;
    else if (code[i] === "}") {
      if (depth === 0) return i;
      depth--;
    }
  }
  return undefined;
}

/** The code with blanks in place of what strings, templates, comments and regular expressions hold; same length. */
export function blankOut(source: string): string {
  const out = [...Array(source.length).keys()].map((i) => source[i] ?? "");
  const blank = (from: number, to: number): void => {
    for (let i = from; i < to; i++) if (out[i] !== "\n") out[i] = " ";
  };
  const templates: number[] = [];
  let braces = 0;
  let i = 0;
  const skipTemplate = (from: number): number => {
    let at = from;
    while (at < source.length && source[at] !== "`") {
      if (source[at] === "\\") at++;
      else if (source[at] === "$" && source[at + 1] === "{") {
        blank(from, at);
        templates.push(braces);
        braces++;
        return at + 2;
      }
      at++;
    }
    blank(from, at);
    return at + 1;
  };
  while (i < source.length) {
    const c = source[i];
    const two = source.slice(i, i + 2);
    if (two === "//" || two === "/*") {
      const stop = two === "//" ? source.indexOf("\n", i) : source.indexOf("*/", i) + 2;
      const end = stop < 2 && stop !== 0 ? source.length : stop;
      blank(i, end);
      i = end;
    } else if (c === '"' || c === "'") {
      let end = i + 1;
      while (end < source.length && source[end] !== c) end += source[end] === "\\" ? 2 : 1;
      blank(i + 1, end);
      i = end + 1;
    } else if (c === "`") {
      i = skipTemplate(i + 1);
    } else if (c === "/" && startsRegExp(out, i)) {
      const end = regExpEnd(source, i);
      blank(i + 1, end);
      i = end;
    } else {
      if (c === "{") braces++;
      if (c === "}") {
        braces--;
        if (templates.at(-1) === braces) {
          templates.pop();
          i = skipTemplate(i + 1);
          continue;
        }
      }
      i++;
    }
  }
  return out.join("");
}

/** A slash begins a regular expression where no value stands before it. */
function startsRegExp(before: readonly string[], at: number): boolean {
  let i = at - 1;
  while (i >= 0 && /\s/.test(before[i] ?? "")) i--;
  const last = before[i] ?? "";
  if (/[)\]}"'`]/.test(last)) return false;
  if (!/[\w$]/.test(last)) return true;
  const word = /[\w$]+$/.exec(before.slice(Math.max(0, i - 12), i + 1).join(""))?.[0] ?? "";
  return /^(?:return|typeof|case|do|else|in|of|void|delete|throw|await|yield|instanceof|new)$/.test(word);
}

function regExpEnd(source: string, start: number): number {
  let inClass = false;
  for (let i = start + 1; i < source.length; i++) {
    const c = source[i];
    if (c === "\\") i++;
    else if (c === "\n") return i;
    else if (c === "[") inClass = true;
    else if (c === "]") inClass = false;
    else if (c === "/" && !inClass) return i + 1;
  }
  return source.length;
}
