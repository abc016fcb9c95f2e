/** The lightbulb: what is offered, and that applying it leaves a clean text. */
import assert from "node:assert/strict";
import { type Client, rangeOfText, startClient, uriOf } from "./client.js";
import { captured, makeProject, moved, unrelated } from "./fixture.js";

const twice = `${captured}
export async function other(): Promise<string> {
  const name = "n";
  const handle = thread.spawn(() => name.trim());
  return (await handle.join()).unwrap();
}
`;

describe("lsp: code actions", () => {
  const folder = makeProject();
  const uri = uriOf(folder.path("actions.ts"));
  let client: Client;
  before(async () => {
    client = await startClient({ folders: [folder.root] });
  });
  afterEach(() => client.close(uri));
  after(async () => {
    await client.stop();
    folder.remove();
  });

  const here = (): ReturnType<typeof rangeOfText> => rangeOfText(client.text(uri), "v.length");

  it("repairs a finding with the preferred fix, for the version it was made from", async () => {
    client.open(uri, captured);
    const [fix, ...rest] = await client.actions(uri, here());
    assert.equal(fix?.isPreferred, true);
    assert.equal(fix?.kind, "quickfix");
    assert.equal(rest.filter(({ isPreferred }) => isPreferred).length, 0);
    client.apply(fix ?? { title: "" });
    assert.equal(client.text(uri), moved);
    assert.deepEqual(await client.diagnostics(uri), []);
  });

  it("ties an action to the diagnostic that the client shows", async () => {
    client.open(uri, captured);
    const diagnostics = [...(await client.diagnostics(uri))];
    const actions = (await client.connection.sendRequest("textDocument/codeAction", {
      textDocument: { uri },
      range: here(),
      context: { diagnostics },
    })) as readonly { readonly diagnostics?: unknown }[];
    assert.ok(actions.length > 0);
    for (const action of actions) assert.deepEqual(action.diagnostics, diagnostics);
  });

  it("repairs all findings of a rule in the file", async () => {
    client.open(uri, twice);
    assert.equal((await client.diagnostics(uri)).length, 2);
    const all = (await client.actions(uri, here())).find(({ title }) => title.startsWith("Fix all"));
    client.apply(all ?? { title: "" });
    assert.deepEqual(await client.diagnostics(uri), []);
    assert.ok(client.text(uri).includes("(name) => name.trim()"));
  });

  it("does not offer *fix all* where there is one finding", async () => {
    client.open(uri, captured);
    assert.ok((await client.actions(uri, here())).every(({ title }) => !title.startsWith("Fix all")));
  });

  it("repairs everything on save, for `source.fixAll` and for its own kind", async () => {
    for (const kind of ["source.fixAll", "source.fixAll.fearlessThreads", "source"]) {
      client.open(uri, twice);
      const start = { line: 0, character: 0 };
      const actions = await client.actions(uri, { start, end: start }, [kind]);
      assert.equal(actions.length, 1, kind);
      assert.equal(actions[0]?.kind, "source.fixAll.fearlessThreads");
      client.apply(actions[0] ?? { title: "" });
      assert.deepEqual(await client.diagnostics(uri), []);
    }
    const nothing = { start: { line: 0, character: 0 }, end: { line: 0, character: 0 } };
    assert.deepEqual(await client.actions(uri, nothing, ["source.fixAll"]), []);
    assert.deepEqual(await client.actions(uri, nothing, ["source.fixAll.eslint"]), []);
    assert.deepEqual(await client.actions(uri, nothing, ["refactor"]), []);
  });

  it("disables a rule for a line and for a file, with a place for the reason", async () => {
    for (const scope of ["line", "file"]) {
      client.open(uri, captured);
      const action = (await client.actions(uri, here())).find(({ title }) => title.endsWith(`for this ${scope}`));
      client.apply(action ?? { title: "" });
      const ignore = scope === "line" ? "fearless-threads-ignore" : "fearless-threads-ignore-file";
      assert.ok(client.text(uri).includes(`// ${ignore} capture-without-move: <why>\n`), client.text(uri));
      assert.deepEqual(await client.diagnostics(uri), []);
      client.close(uri);
    }
    client.open(uri, captured);
  });

  it("disables a rule between tags and in a template where a comment is one", async () => {
    const view = uri.replace(/ts$/, "tsx");
    const source = `import { thread } from "fearless-threads";
declare global { namespace JSX { interface IntrinsicElements { [name: string]: object } } }
export const view = (
  <ul>
    <li onClick={() => { thread.spawn(() => 1); }}>one</li>
  </ul>
);
export const text = \`
  \${thread.spawn(() => 2) && "two"}
\`;
`;
    client.open(view, source, "typescriptreact");
    const titles = async (code: string): Promise<readonly string[]> =>
      (await client.actions(view, rangeOfText(source, code))).map(({ title }) => title);
    const actions = await client.actions(view, rangeOfText(source, "thread.spawn(() => 1)"));
    client.apply(actions.find(({ title }) => title.endsWith("for this line")) ?? { title: "" });
    assert.match(client.text(view), /\n {4}\{\/\* fearless-threads-ignore unjoined-handle: <why> \*\/\}\n {4}<li /);
    assert.equal((await client.diagnostics(view)).length, 1);
    client.change(view, source);
    const inTemplate = await titles("thread.spawn(() => 2)");
    assert.deepEqual(
      inTemplate.filter((title) => title.startsWith("Disable")),
      ["Disable unjoined-handle for this file"],
    );
    client.close(view);
  });

  it("offers nothing where nothing is wrong", async () => {
    client.open(uri, unrelated);
    assert.deepEqual(await client.actions(uri, rangeOfText(unrelated, "add")), []);
  });
});

describe("lsp: code actions for other clients", () => {
  const folder = makeProject();
  const uri = uriOf(folder.path("actions.ts"));
  after(() => folder.remove());

  it("puts the cursor on the reason where the client knows snippets", async () => {
    const workspaceEdit = { documentChanges: true, snippetEditSupport: true };
    const client = await startClient({ folders: [folder.root], capabilities: { workspace: { workspaceEdit } } });
    client.open(uri, captured);
    const actions = await client.actions(uri, rangeOfText(captured, "v.length"));
    const [change] = actions.find(({ title }) => title.endsWith("for this line"))?.edit?.documentChanges ?? [];
    const edit = change !== undefined && "edits" in change ? change.edits[0] : undefined;
    const value = edit !== undefined && "snippet" in edit ? edit.snippet.value : "";
    assert.match(value, /fearless-threads-ignore capture-without-move: \$\{1:why\}\n$/);
    await client.stop();
  });

  it("sends plain changes where the client does not know versioned ones", async () => {
    const workspaceEdit = { documentChanges: false };
    const client = await startClient({ folders: [folder.root], capabilities: { workspace: { workspaceEdit } } });
    client.open(uri, captured);
    const [fix] = await client.actions(uri, rangeOfText(captured, "v.length"));
    assert.equal(fix?.edit?.documentChanges, undefined);
    assert.ok((fix?.edit?.changes?.[uri]?.length ?? 0) > 0);
    await client.stop();
  });
});
