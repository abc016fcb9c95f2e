import assert from "node:assert/strict";
import type { Diagnostic } from "../../server/src/analysis/diagnostic.js";
import { applyEdits } from "../../server/src/analysis/edits.js";
import { applySuppressions, disableForFile, disableForLine } from "../../server/src/analysis/suppress.js";

const file = "/project/main.ts";

function findingAt(text: string, code: string, rule = "unjoined-handle"): Diagnostic {
  const start = text.indexOf(code);
  return {
    rule,
    severity: "warning",
    message: "found",
    location: { file, start, end: start + code.length },
    label: "",
    related: [],
    notes: [],
    help: [],
    fixes: [],
    tags: [],
  };
}

function left(text: string, findings: readonly Diagnostic[], ran = ["unjoined-handle"]): readonly Diagnostic[] {
  const known = new Set(["unjoined-handle", "capture-without-move"]);
  return applySuppressions({ file, text, findings, ran: new Set(ran), known, levels: {} });
}

const rules = (findings: readonly Diagnostic[]): readonly string[] => findings.map((finding) => finding.rule);

describe("suppression comments", () => {
  const reason = "fearless-threads-ignore unjoined-handle: the logger lives as long as the process";

  for (const [name, text] of [
    ["on the line before", `// ${reason}\nspawn();\n`],
    ["at the end of the line", `spawn(); // ${reason}\n`],
    ["above another comment", `// ${reason}\n// starts the logger\nspawn();\n`],
    ["for the whole file", `// ${reason.replace("ignore", "ignore-file")}\n\nother();\nspawn();\n`],
    ["with Windows line ends", `// ${reason}\r\nspawn();\r\n`],
    ["in JSX", `  {/* ${reason} */}\n  spawn();\n`],
    ["for two rules at once", `// ${reason.replace(":", ", capture-without-move:")}\nspawn();\n`],
  ] as const) {
    it(`silence a finding: ${name}`, () => assert.deepEqual(left(text, [findingAt(text, "spawn()")]), []));
  }

  it("silence nothing on other lines, and are then reported as unused", () => {
    const text = `// ${reason}\nother();\nspawn();\n`;
    assert.deepEqual(rules(left(text, [findingAt(text, "spawn()")])), ["unjoined-handle", "unused-suppression"]);
  });

  it("silence nothing without a reason, and are reported", () => {
    const text = "// fearless-threads-ignore unjoined-handle\nspawn();\n";
    const found = left(text, [findingAt(text, "spawn()")]);
    assert.deepEqual(rules(found), ["unjoined-handle", "bare-suppression"]);
    assert.match(found[1]?.message ?? "", /`unjoined-handle` gives no reason/);
  });

  it("are reported where nothing is left to silence, with a fix that takes them away", () => {
    const text = `before();\n  // ${reason}\nfine();\n`;
    const [finding] = left(text, []);
    assert.equal(finding?.rule, "unused-suppression");
    assert.equal(applyEdits(text, finding?.fixes[0]?.edits ?? []).text, "before();\nfine();\n");
  });

  it("at the end of a line are taken away without the line", () => {
    const text = `fine(); // ${reason}\nmore();\n`;
    const [finding] = left(text, []);
    assert.equal(applyEdits(text, finding?.fixes[0]?.edits ?? []).text, "fine();\nmore();\n");
  });

  it("of a rule that did not run are not called unused", () => {
    assert.deepEqual(left(`// ${reason}\nfine();\n`, [], []), []);
  });

  it("of a rule that does not exist are reported", () => {
    const [finding] = left("// fearless-threads-ignore unjoined: typo\nfine();\n", []);
    assert.match(finding?.message ?? "", /no rule named `unjoined`/);
  });

  it("in strings are text", () => {
    assert.deepEqual(left('log("// fearless-threads-ignore nothing");\n', []), []);
  });

  it("are written by the editor so that they silence what they are for", () => {
    const text = "function main() {\n  spawn();\n}\n";
    const finding = findingAt(text, "spawn()");
    const request = { file, text, rule: "unjoined-handle", offset: finding.location.start, reason: "on purpose" };
    const forLine = disableForLine(request);
    assert.ok(forLine);
    for (const edit of [forLine, disableForFile(request)]) {
      const edited = applyEdits(text, [edit]).text;
      assert.deepEqual(left(edited, [findingAt(edited, "spawn()")]), []);
    }
    assert.equal(
      applyEdits(text, [forLine]).text,
      "function main() {\n  // fearless-threads-ignore unjoined-handle: on purpose\n  spawn();\n}\n",
    );
  });

  it("for a file go behind a byte order mark and a shebang", () => {
    const text = "\uFEFF#!/usr/bin/env node\r\nspawn();\r\n";
    const edit = disableForFile({ file, text, rule: "unjoined-handle", reason: "on purpose" });
    assert.equal(
      applyEdits(text, [edit]).text,
      "\uFEFF#!/usr/bin/env node\r\n// fearless-threads-ignore-file unjoined-handle: on purpose\r\nspawn();\r\n",
    );
  });
});
