/** Findings that take files which do not call each other, while they are being edited. */
import assert from "node:assert/strict";
import { type Client, startClient, uriOf } from "./client.js";
import { makeProject } from "./fixture.js";

/** Takes two of the locks, one after the other. */
const taking = (first: string, second: string): string => `import { ${first}, ${second} } from "./locks.js";
export async function take(): Promise<void> {
  using a = (await ${first}.lock()).unwrap();
  using b = (await ${second}.lock()).unwrap();
  a.value = b.value;
}
`;
const [right, wrong] = [taking("pan", "stove"), taking("stove", "pan")];

describe("lsp: files that do not call each other", () => {
  const folder = makeProject({
    "src/locks.ts": `import { Mutex } from "fearless-threads";
export const pan = new Mutex(0);
export const stove = new Mutex(0);
`,
    "src/fry.ts": right,
  });
  const [fry, wash] = [uriOf(folder.path("src/fry.ts")), uriOf(folder.path("src/wash.ts"))];
  let client: Client;
  before(async () => {
    client = await startClient({ folders: [folder.root] });
  });
  after(async () => {
    await client.stop();
    folder.remove();
  });

  const messages = async (uri: string): Promise<readonly string[]> =>
    (await client.diagnostics(uri)).map(({ message }) => String(message).split("\n")[0] ?? "");
  const finding = (held: string, taken: string): readonly string[] => [
    `\`${taken}\` is locked while \`${held}\` is held, and elsewhere it is the other way round`,
  ];

  it("sees the other one on disk, in its editor, and as it is after each edit", async () => {
    client.open(wash, wrong);
    assert.deepEqual(await messages(wash), finding("stove", "pan"));
    client.open(fry, right);
    assert.deepEqual(await messages(fry), finding("pan", "stove"));
    const before = client.refreshes();
    client.change(wash, right);
    assert.deepEqual(await messages(wash), []);
    await client.until("a refresh", () => client.refreshes() > before);
    assert.deepEqual(await messages(fry), []);
    client.change(fry, wrong);
    assert.deepEqual(await messages(wash), finding("pan", "stove"));
    client.change(fry, `// A line more\n${wrong}`);
    const [again] = await client.diagnostics(wash);
    const lines = again?.relatedInformation
      ?.filter(({ location }) => location.uri === fry)
      .map(({ location }) => location);
    assert.deepEqual(
      lines?.map(({ range }) => range.start.line),
      [4, 3],
      "the places in the other file are where they are now",
    );
    client.close(fry);
    assert.deepEqual(await messages(wash), [], "what is on disk counts again");
    client.close(wash);
  });
});
