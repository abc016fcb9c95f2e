/** The snippets as an editor would insert them with every placeholder left as it is. */
import { readFileSync } from "node:fs";

export interface Snippet {
  readonly scope: string;
  readonly prefix: readonly string[];
  readonly description: string;
  readonly body: readonly string[];
}

const file = new URL("../../../snippets/threads.code-snippets", import.meta.url);

export function readSnippets(): readonly (readonly [string, Snippet])[] {
  return Object.entries(JSON.parse(readFileSync(file, "utf8")) as Record<string, Snippet>);
}

/** Replaces `${1:text}` by its text and each later `$1` by the same, nested placeholders too. */
export function defaultText(body: readonly string[]): string {
  const values = new Map<string, string>();
  return expand(body.join("\n"), values);
}

function expand(text: string, values: Map<string, string>): string {
  let result = "";
  let at = 0;
  while (at < text.length) {
    const stop = /\$(?:(\d+)|\{(\d+):)/y;
    stop.lastIndex = at;
    const match = stop.exec(text);
    if (match === null) {
      result += text[at++];
      continue;
    }
    at = stop.lastIndex;
    const [, plain, named] = match;
    if (named === undefined) {
      result += values.get(plain ?? "") ?? "";
      continue;
    }
    const end = closing(text, at);
    const value = expand(text.slice(at, end), values);
    values.set(named, value);
    result += value;
    at = end + 1;
  }
  return result;
}

/** Where the brace that was opened before `from` closes: placeholders and code nest in pairs. */
function closing(text: string, from: number): number {
  for (let depth = 1, at = from; at < text.length; at++) {
    if (text[at] === "{") depth += 1;
    if (text[at] === "}" && --depth === 0) return at;
  }
  throw new Error(`A placeholder is not closed: ${text.slice(from - 4)}`);
}
