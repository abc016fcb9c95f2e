/** Hovers: the mental model where it is needed. */
import assert from "node:assert/strict";
import { type PageResult, pageRequest, type RenderResult, renderRequest } from "../../server/src/lsp/protocol.js";
import { type Client, startClient, uriOf } from "./client.js";
import { captured, makeProject, moved, unrelated } from "./fixture.js";

const aliased = `import { thread as rust, move as give, Mutex as Lock } from "fearless-threads";
import * as all from "fearless-threads";

const spawn = (): number => 1;
export async function main(): Promise<void> {
  const h = rust.spawn(give(1), (n) => n);
  await h.join();
  const lock = new Lock(0);
  using guard = (await lock.lock()).unwrap();
  await all.thread.spawn(() => 1).join();
  spawn();
}
`;

describe("lsp: hovers", () => {
  const folder = makeProject();
  const uri = uriOf(folder.path("hover.ts"));
  let client: Client;
  before(async () => {
    client = await startClient({ folders: [folder.root], initializationOptions: { pageBase: "fearless-threads:/" } });
  });
  afterEach(() => client.close(uri));
  after(async () => {
    await client.stop();
    folder.remove();
  });

  const at = (text: string, part: string, offset = 0): Promise<string> =>
    client.hover(uri, text.indexOf(part) + offset);

  it("explains names of the API by what they refer to, not by how they are written", async () => {
    client.open(uri, aliased);
    assert.match(await at(aliased, "spawn(give"), /concepts\/spawn\.md/);
    assert.match(await at(aliased, "give(1)"), /concepts\/move\.md/);
    assert.match(await at(aliased, "join()"), /concepts\/join\.md/);
    assert.match(await at(aliased, "Lock(0)"), /concepts\/mutex\.md/);
    assert.match(await at(aliased, "lock())"), /concepts\/mutex\.md/);
    assert.match(await at(aliased, "thread.spawn(() => 1)"), /concepts\/thread/);
    assert.equal(await at(aliased, "spawn = ()"), "");
    assert.equal(await at(aliased, "spawn();"), "");
    assert.equal(await at(aliased, "const h"), "");
  });

  it("has the picture, what happens underneath, a misbelief, an example and a link", async () => {
    client.open(uri, moved);
    const text = await at(moved, "join()");
    for (const part of [
      /\*\*Picture\.\*\*/,
      /\*\*Underneath\.\*\*/,
      /misbelief/,
      /```ts\n/,
      /\]\(fearless-threads:\/concepts\/join\.md\)/,
    ]) {
      assert.match(text, part);
    }
  });

  it("counts the end of a name as on it", async () => {
    client.open(uri, moved);
    assert.equal(await at(moved, "join()", 4), await at(moved, "join()"));
  });

  it("explains a finding, with the concept behind it and a link to the rule", async () => {
    client.open(uri, captured);
    const text = await at(captured, "v.length");
    assert.match(text, /capture-without-move/);
    assert.match(text, /\]\(fearless-threads:\/rules\/capture-without-move\.md\)/);
    assert.match(text, /\]\(fearless-threads:\/concepts\/[\w-]+\.md\)/);
  });

  it("gives the pages that it links to", async () => {
    const page = (kind: string, name: string): Promise<PageResult | null> =>
      client.connection.sendRequest(pageRequest, { kind, name });
    assert.match((await page("concept", "join"))?.markdown ?? "", /^# /);
    assert.equal(await page("concept", "nothing"), null);
    assert.equal(await page("rule", "../../secret"), null);
    client.open(uri, unrelated);
  });

  it("renders the findings of a file as the terminal does", async () => {
    client.open(uri, captured);
    const render = (): Promise<RenderResult> => client.connection.sendRequest(renderRequest, { uri });
    const { text, version } = await render();
    assert.equal(version, 1);
    assert.match(text, /^error\[capture-without-move\]: /);
    assert.match(text, /\n {3}\|.*\^ /);
    client.change(uri, moved);
    assert.deepEqual(await render(), { text: "No thread problems in this file.\n", version: 2, findings: 0 });
  });
});
