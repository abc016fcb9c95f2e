/** What an editor sees of findings: while typing, in both protocols, in every kind of document. */
import assert from "node:assert/strict";
import { type Client, rangeOfText, startClient, uriOf } from "./client.js";
import { captured, makeProject, moved, unrelated } from "./fixture.js";

describe("lsp: diagnostics", () => {
  const folder = makeProject();
  let client: Client;
  before(async () => {
    client = await startClient({ folders: [folder.root] });
  });
  after(async () => {
    await client.stop();
    folder.remove();
  });

  it("offers what a client needs to know beforehand", () => {
    const { textDocumentSync, diagnosticProvider, hoverProvider, codeActionProvider } = client.serverCapabilities;
    assert.deepEqual(textDocumentSync, { openClose: true, change: 2, save: false });
    assert.deepEqual(diagnosticProvider, {
      identifier: "fearless-threads",
      interFileDependencies: true,
      workspaceDiagnostics: false,
    });
    assert.equal(hoverProvider, true);
    assert.deepEqual(codeActionProvider, { codeActionKinds: ["quickfix", "source.fixAll.fearlessThreads"] });
  });

  it("reports a finding with its rule, link, related places, notes and help", async () => {
    const uri = uriOf(folder.path("whole.ts"));
    client.open(uri, captured);
    const [finding, ...others] = await client.diagnostics(uri);
    assert.equal(others.length, 0);
    assert.equal(finding?.code, "capture-without-move");
    assert.equal(finding?.source, "fearless-threads");
    assert.equal(finding?.severity, 1);
    assert.match(String(finding?.message), /^[^\n]*`v`/);
    assert.deepEqual(finding?.range, {
      ...rangeOfText(captured, "v.length"),
      end: rangeOfText(captured, ".length").start,
    });
    assert.match(finding?.codeDescription?.href ?? "", /^file:.*capture-without-move\/page\.md$/);
    assert.ok((finding?.relatedInformation?.length ?? 0) > 0);
    assert.equal(finding?.relatedInformation?.[0]?.location.uri, uri);
    const data = finding?.data as { rule: string; notes: string[] };
    assert.equal(data.rule, "capture-without-move");
    assert.ok(data.notes.length > 0);
    client.close(uri);
  });

  it("answers `unchanged` where the findings are the ones the client has", async () => {
    const uri = uriOf(folder.path("unchanged.ts"));
    client.open(uri, captured);
    const first = await client.pull(uri);
    assert.equal(first.kind, "full");
    const again = await client.pull(uri, first.resultId ?? "");
    assert.deepEqual(again, { kind: "unchanged", resultId: first.resultId });
    client.change(uri, moved);
    const clean = await client.pull(uri, first.resultId ?? "");
    assert.equal(clean.kind === "full" && clean.items.length, 0);
    client.close(uri);
  });

  it("is right about the text on screen at every keystroke, broken or not", async function () {
    this.timeout(60_000);
    const uri = uriOf(folder.path("typed.ts"));
    client.open(uri, "");
    const fresh = uriOf(folder.path("fresh.ts"));
    for (let end = 1; end <= captured.length; end++) {
      const at = rangeOfText(`${client.text(uri)}|`, "|").start;
      client.change(uri, captured[end - 1] ?? "", { start: at, end: at });
      const found = await client.diagnostics(uri);
      // A finding of an older text would point behind the end of this one.
      for (const { range } of found) assert.ok(range.end.line <= at.line + 1);
      if (end % 16 !== 0) continue;
      // A document that is opened with this very text has no history to be wrong about.
      client.open(fresh, captured.slice(0, end));
      const same = (await client.diagnostics(fresh)).map(({ code, range, message }) => ({ code, range, message }));
      assert.deepEqual(
        found.map(({ code, range, message }) => ({ code, range, message })),
        same,
      );
      client.close(fresh);
    }
    assert.deepEqual(
      (await client.diagnostics(uri)).map(({ code }) => code),
      ["capture-without-move"],
    );
    client.change(uri, "move(v), (v) => v", rangeOfText(captured, "() => v"));
    assert.deepEqual(await client.diagnostics(uri), []);
    client.close(uri);
  });

  it("answers only with the latest of many edits that come at once", async () => {
    const uri = uriOf(folder.path("burst.ts"));
    client.open(uri, unrelated);
    const answers = [];
    for (let turn = 0; turn < 40; turn++) {
      client.change(uri, turn % 2 === 0 ? captured : moved);
      answers.push(client.pull(uri));
    }
    for (const answer of await Promise.all(answers)) {
      assert.equal(answer.kind === "full" && answer.items.length, 0, "the last text is clean");
    }
    client.close(uri);
  });

  it("checks documents that were never saved", async () => {
    const uri = "untitled:Untitled-1";
    client.open(uri, captured);
    const [finding] = await client.diagnostics(uri);
    assert.equal(finding?.code, "capture-without-move");
    assert.equal(finding?.relatedInformation?.[0]?.location.uri, uri);
    client.close(uri);
  });

  it("prefers the text in the editor to the one on disk, and goes back to it", async () => {
    folder.write("saved.ts", moved);
    const uri = uriOf(folder.path("saved.ts"));
    client.open(uri, captured);
    assert.equal((await client.diagnostics(uri)).length, 1);
    client.close(uri);
    client.open(uri, moved);
    assert.equal((await client.diagnostics(uri)).length, 0);
    client.close(uri);
  });

  it("says nothing about documents of other kinds", async () => {
    for (const [uri, languageId] of [
      [uriOf(folder.path("page.md")), "markdown"],
      ["git:/left.ts", "typescript"],
      ["untitled:Untitled-2", "plaintext"],
    ] as const) {
      client.open(uri, captured, languageId);
      assert.deepEqual(await client.diagnostics(uri), []);
      client.close(uri);
    }
  });

  it("checks JavaScript and JSX", async () => {
    const script = captured.replace(": Promise<number>", "");
    for (const [name, languageId] of [
      ["plain.js", "javascript"],
      ["module.mjs", "javascript"],
      ["view.jsx", "javascriptreact"],
      ["view.tsx", "typescriptreact"],
    ] as const) {
      const uri = uriOf(folder.path(name));
      client.open(uri, script, languageId);
      assert.equal((await client.diagnostics(uri)).length, 1, name);
      client.close(uri);
    }
  });

  it("counts UTF-16 code units, past characters of two", async () => {
    const text = captured.replace("const handle = ", 'const s = "𝕏👩‍👩‍👧"; const handle = ');
    const uri = uriOf(folder.path("wide.ts"));
    client.open(uri, text);
    const [finding] = await client.diagnostics(uri);
    const line = text.split("\n")[4] ?? "";
    assert.deepEqual(finding?.range.start, { line: 4, character: line.indexOf("v.length") });
    client.close(uri);
  });

  it("counts a byte order mark where the editor sends one", async () => {
    const uri = uriOf(folder.path("mark.ts"));
    const text = `\uFEFF${captured.replace(/^.*\n\n/, "").replace("export", 'import { move, thread } from "fearless-threads"; export')}`;
    const oneLine = text.replaceAll("\n", " ");
    client.open(uri, oneLine);
    const [finding] = await client.diagnostics(uri);
    assert.deepEqual(finding?.range.start, { line: 0, character: oneLine.indexOf("v.length") });
    client.close(uri);
  });

  it("survives what nobody would write", async () => {
    const uri = uriOf(folder.path("odd.ts"));
    client.open(uri, "");
    const lines = captured.replaceAll("\n", "\r\n");
    const texts = [
      "\u0000\u0001",
      "\ud800 thread \udc00",
      `${captured}\ud800`,
      "{{{{(((",
      `${"(".repeat(3000)}1`,
      lines,
    ];
    for (const text of texts) {
      client.change(uri, text);
      await client.diagnostics(uri);
    }
    assert.equal((await client.diagnostics(uri)).length, 1);
    client.close(uri);
  });

  it("never asks the compiler about files that use no threads", async () => {
    const fresh = await startClient({ folders: [folder.root] });
    const uri = uriOf(folder.path("unrelated.ts"));
    fresh.open(uri, unrelated);
    assert.deepEqual(await fresh.diagnostics(uri), []);
    assert.equal(await fresh.hover(uri, unrelated.indexOf("add")), "");
    assert.ok(!fresh.log.some((line) => line.includes("compiler")), fresh.log.join("\n"));
    await fresh.stop();
  });

  it("looks at other open files again when one they import changes", async () => {
    const helper = uriOf(folder.path("helper.ts"));
    const user = uriOf(folder.path("user.ts"));
    client.open(helper, "export const limit = 1;\n");
    client.open(user, `import { limit } from "./helper.js";\n${captured}export const l = limit;\n`);
    const first = await client.pull(user);
    const before = client.refreshes();
    client.change(helper, "export const limit = 2;\n");
    await client.until("a refresh", () => client.refreshes() > before);
    const again = await client.pull(user, first.kind === "full" ? (first.resultId ?? "") : "");
    assert.equal(again.kind, "unchanged");
    client.close(helper);
    client.close(user);
  });
});

describe("lsp: diagnostics for clients that do not pull", () => {
  const folder = makeProject();
  let client: Client;
  before(async () => {
    client = await startClient({ folders: [folder.root], mode: "push" });
  });
  after(async () => {
    await client.stop();
    folder.remove();
  });

  it("pushes findings with the version they are of, and an empty list on close", async () => {
    const uri = uriOf(folder.path("pushed.ts"));
    client.open(uri, captured);
    const first = await client.pushedWhere(uri, ({ diagnostics }) => diagnostics.length === 1);
    assert.equal(first.version, 1);
    client.change(uri, moved);
    await client.pushedWhere(uri, ({ version, diagnostics }) => version === 2 && diagnostics.length === 0);
    client.change(uri, captured);
    await client.pushedWhere(uri, ({ version, diagnostics }) => version === 3 && diagnostics.length === 1);
    client.close(uri);
    await client.pushedWhere(uri, ({ version, diagnostics }) => version === undefined && diagnostics.length === 0);
  });

  it("never pushes findings of a version that is not the latest it knows of", async function () {
    this.timeout(60_000);
    const uri = uriOf(folder.path("typed.ts"));
    client.open(uri, "");
    for (const character of captured) {
      const at = rangeOfText(`${client.text(uri)}|`, "|").start;
      client.change(uri, character, { start: at, end: at });
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const last = client.version(uri);
    await client.pushedWhere(uri, ({ version, diagnostics }) => version === last && diagnostics.length === 1);
    const versions = client.pushed.filter((params) => params.uri === uri).map(({ version }) => version ?? 0);
    assert.deepEqual(
      versions,
      [...versions].sort((a, b) => a - b),
    );
    assert.ok(versions.length < captured.length, "keystrokes that come together are one check");
    client.close(uri);
  });
});
