/** How wide text is on a terminal, so that carets stand below what they mark. */

/** A tab is shown as four spaces, as rustc does. */
const tabWidth = 4;

export interface DisplayLine {
  /** What is printed: tabs expanded, control characters made visible. */
  readonly display: string;
  /** The terminal column (from 0) at which the UTF-16 code unit with this index starts; the line's width past its end. */
  column(index: number): number;
}

/** Lays a source line out for a terminal. */
export function displayLine(text: string): DisplayLine {
  const columns: number[] = [];
  let display = "";
  let column = 0;
  for (const character of text) {
    const shown = visible(character);
    for (let unit = 0; unit < character.length; unit++) columns.push(column);
    display += shown;
    column += displayWidth(shown);
  }
  const width = column;
  return { display, column: (index) => columns[Math.max(0, index)] ?? width + Math.max(0, index - text.length) };
}

/** Longer lines (minified code) are cut to a window around what is marked in them. */
const maxLength = 200;
const lengthBefore = 60;

export interface CutLine {
  readonly text: string;
  /** What to subtract from a column of the whole line. */
  readonly offset: number;
}

/** Cuts a very long line around a column. */
export function cutLine(line: string, column: number): CutLine {
  if (line.length <= maxLength) return { text: line, offset: 0 };
  const start = Math.max(0, Math.min(column, line.length) - lengthBefore);
  const head = start > 0 ? "..." : "";
  const tail = start + maxLength < line.length ? "..." : "";
  return { text: `${head}${line.slice(start, start + maxLength)}${tail}`, offset: start - head.length };
}

/** Columns that a text takes. */
export function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) width += characterWidth(character.codePointAt(0)!);
  return width;
}

/** Controls would move the cursor, and bidirectional overrides would show the code in another order than it runs in. */
function visible(character: string): string {
  const code = character.codePointAt(0)!;
  if (character === "\t") return " ".repeat(tabWidth);
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0x7f) return "\u2421";
  if (code >= 0x80 && code < 0xa0) return "\ufffd";
  if ((code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)) return "\ufffd";
  if (code >= 0xd800 && code <= 0xdfff) return "\ufffd";
  return character;
}

const zeroWidth = /^[\p{Mn}\p{Me}\p{Cf}]$/u;

/** Ranges that Unicode's East Asian Width calls wide or fullwidth, and emoji that terminals draw wide. */
const wide: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x274c, 0x274c],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x1fa70, 0x1faff],
  [0x20000, 0x3fffd],
];

function characterWidth(code: number): number {
  if (code < 0x300) return 1;
  if (zeroWidth.test(String.fromCodePoint(code))) return 0;
  return wide.some(([first, last]) => code >= first && code <= last) ? 2 : 1;
}
