/** The rustc-style rendering, to the column. */
import assert from "node:assert/strict";
import type { Diagnostic, Label, TextEdit } from "../../server/src/analysis/diagnostic.js";
import { renderText } from "../../server/src/render/text.js";

/** A span around the n-th occurrence of a string. */
function at(text: string, part: string, occurrence = 0, file = "/work/src/main.ts"): Omit<Label, "message"> {
  let start = -1;
  for (let count = 0; count <= occurrence; count++) start = text.indexOf(part, start + 1);
  assert.ok(start >= 0, part);
  return { file, start, end: start + part.length };
}

function finding(location: Omit<Label, "message">, more: Partial<Diagnostic> = {}): Diagnostic {
  return {
    rule: "capture-without-move",
    severity: "error",
    message: "the headline",
    location,
    label: "here",
    related: [],
    notes: [],
    help: [],
    fixes: [],
    tags: [],
    ...more,
  };
}

function insert(file: string, start: number, newText: string): TextEdit {
  return { file, start, end: start, newText };
}

function rendered(texts: string | Readonly<Record<string, string>>, diagnostic: Diagnostic): string {
  const files = typeof texts === "string" ? { "/work/src/main.ts": texts } : texts;
  return `\n${renderText(diagnostic, { cwd: "/work", text: (file) => files[file], colors: false })}\n`;
}

const lines = (...rows: readonly string[]): string => `\n${rows.join("\n")}\n`;

describe("cli: rustc-style rendering", () => {
  const text = [
    'import { move, thread } from "fearless-threads";',
    "function main() {",
    "  const v = [1, 2, 3];",
    "  const h = thread.spawn(() => sum(v));",
    "}",
    "",
  ].join("\n");
  const arrow = text.indexOf("() => sum");
  const primary = { ...at(text, "v));"), end: at(text, "v));").start + 1 };
  const declared = { ...at(text, "v = ["), end: at(text, "v = [").start + 1 };

  it("is the example of the documentation", () => {
    const diagnostic = finding(primary, {
      message: "closure may outlive `main`, but it uses `v` without moving it",
      label: "`v` does not exist in the new thread",
      related: [{ ...declared, message: "`v` is declared here, in the parent thread" }],
      notes: ["the closure runs in a worker of its own, which has none of this scope's variables"],
      help: ["move `v` into the thread"],
      fixes: [
        {
          title: "Move `v` into the thread",
          preferred: true,
          edits: [insert(primary.file, arrow, "move(v), "), insert(primary.file, arrow + 1, "v")],
        },
      ],
    });
    assert.equal(
      rendered(text, diagnostic),
      lines(
        "error[capture-without-move]: closure may outlive `main`, but it uses `v` without moving it",
        "  --> src/main.ts:4:36",
        "   |",
        " 3 |   const v = [1, 2, 3];",
        "   |         - `v` is declared here, in the parent thread",
        " 4 |   const h = thread.spawn(() => sum(v));",
        "   |                                    ^ `v` does not exist in the new thread",
        "   |",
        "   = note: the closure runs in a worker of its own, which has none of this scope's variables",
        "help: move `v` into the thread",
        "   |",
        " 4 |   const h = thread.spawn(move(v), (v) => sum(v));",
        "   |                          ++++++++  +",
      ),
    );
  });

  it("hangs labels below where one line has several", () => {
    const related = [
      { ...at(text, "h = "), end: at(text, "h = ").start + 1, message: "the handle" },
      { ...at(text, "thread.spawn"), message: "the spawn" },
    ];
    assert.equal(
      rendered(text, finding(primary, { related, severity: "hint" })),
      lines(
        "hint[capture-without-move]: the headline",
        "  --> src/main.ts:4:36",
        "   |",
        " 4 |   const h = thread.spawn(() => sum(v));",
        "   |         -   ------------           ^ here",
        "   |         |   |",
        "   |         |   the spawn",
        "   |         the handle",
      ),
    );
  });

  it("draws spans of several lines as brackets, and leaves out their middle", () => {
    const long = ["start(() => {", ..."abcdefgh".split("").map((name) => `  ${name};`), "});", ""].join("\n");
    const whole = { file: primary.file, start: 0, end: long.length - 2 };
    assert.equal(
      rendered(long, finding(whole, { notes: ["one", "two\nlines"] })),
      lines(
        "error[capture-without-move]: the headline",
        "   --> src/main.ts:1:1",
        "    |",
        "  1 | / start(() => {",
        "  2 | |   a;",
        "  3 | |   b;",
        "...   |",
        "  9 | |   h;",
        " 10 | | });",
        "    | |__^ here",
        "    |",
        "    = note: one",
        "    = note: two",
        "            lines",
      ),
    );
    const inner = { ...whole, start: long.indexOf("() =>") };
    assert.match(rendered(long, finding(inner)), /\n {2}1 | {3}start\(\(\) => \{\n {4}| {2}_______\^\n/);
  });

  it("keeps carets in place behind tabs, wide characters, and characters without width", () => {
    const odd = "\tconst 変数 = 'e\u0301\u{1F980}'; v;\n";
    assert.equal(
      rendered(odd, finding({ ...at(odd, "v;"), end: odd.indexOf("v;") + 1 })),
      lines(
        "error[capture-without-move]: the headline",
        `  --> src/main.ts:1:${odd.indexOf("v;") + 1}`,
        "   |",
        " 1 |     const 変数 = 'e\u0301\u{1F980}'; v;",
        `   | ${" ".repeat(4 + 6 + 4 + 3 + 1 + 1 + 2 + 1 + 2)}^ here`,
      ),
    );
  });

  it("shows controls and overrides that would deceive the eye", () => {
    const bad = "a\u202E\u0007b\n";
    assert.match(rendered(bad, finding({ ...at(bad, "b") })), / 1 \| a\uFFFD\u2407b\n {3}\| {4}\^ here\n/);
  });

  it("shows places in other files, and files that cannot be read by name alone", () => {
    const other = "export const shared = 1;\n";
    const related = [
      { ...at(other, "shared", 0, "/work/lib/other.ts"), message: "shared here" },
      { file: "/elsewhere/gone.ts", start: 3, end: 4, message: "and here" },
    ];
    assert.equal(
      rendered({ "/work/src/main.ts": text, "/work/lib/other.ts": other }, finding(primary, { related })),
      lines(
        "error[capture-without-move]: the headline",
        "  --> src/main.ts:4:36",
        "   |",
        " 4 |   const h = thread.spawn(() => sum(v));",
        "   |                                    ^ here",
        "   |",
        "  ::: lib/other.ts:1:14",
        "   |",
        " 1 | export const shared = 1;",
        "   |              ------ shared here",
        "   |",
        "  ::: ../elsewhere/gone.ts",
      ),
    );
  });

  it("marks what a fix replaces, and shows what comes and goes as a diff", () => {
    const fix = (edits: readonly TextEdit[]): string => {
      const all = rendered(text, finding(primary, { fixes: [{ title: "Do it", preferred: false, edits }] }));
      return all.slice(all.indexOf("help: do it\n"));
    };
    assert.equal(
      fix([{ ...at(text, "sum"), newText: "total" }]),
      "help: do it\n   |\n 4 |   const h = thread.spawn(() => total(v));\n   |                                ~~~~~\n",
    );
    const end = text.indexOf("\n}");
    assert.equal(
      fix([insert(primary.file, end, "\n  await h.join();")]),
      "help: do it\n   |\n 5 +   await h.join();\n",
    );
    assert.equal(
      fix([{ ...at(text, "const h = "), newText: "" }]),
      "help: do it\n   |\n 4 -   const h = thread.spawn(() => sum(v));\n 4 +   thread.spawn(() => sum(v));\n",
    );
  });

  it("is the same for the line breaks of every system", () => {
    for (const lineBreak of ["\r\n", "\r"]) {
      const other = text.replaceAll("\n", lineBreak);
      const location = { ...at(other, "v));"), end: at(other, "v));").start + 1 };
      assert.equal(rendered(other, finding(location)), rendered(text, finding(primary)));
    }
  });

  it("survives spans that are empty, at the end, or outside of the text", () => {
    for (const [start, end] of [
      [0, 0],
      [text.length, text.length],
      [text.length + 5, text.length + 9],
      [10, 5],
    ] as const) {
      assert.match(rendered(text, finding({ file: primary.file, start, end })), /\^ here/);
    }
    assert.match(rendered("", finding({ file: primary.file, start: 0, end: 0 })), /\^ here/);
  });
});
