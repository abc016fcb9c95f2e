/** A program is typed with slips and corrections; at each pause the findings are those of a server that saw no typing. */
import assert from "node:assert/strict";
import { createChecker } from "../../server/src/checker/checker.js";
import { emptyConfig } from "../../server/src/config/config.js";
import { startClient, uriOf } from "./client.js";
import { makeProject } from "./fixture.js";

const helper = `import { move, thread, type JoinHandle } from "fearless-threads";
export const start = (n: number): JoinHandle<number> => thread.spawn(move(n), (n) => n + 1);
`;

const program = `import { move, thread } from "fearless-threads";
import { start } from "./helper.js";
let hits = 0;
export async function login(names: string[]): Promise<number> {
  const handle = start(names.length);
  if (names.length === 0) return 0;
  const counting = thread.spawn(() => { hits += names.length; });
  for (const name of names) {
    thread.spawn(move(name), (name) => console.log(\`hello \${name}\`));
  }
  (await counting.join()).unwrap();
  return (await handle.join()).unwrapOr(hits);
}
`;

function randomNumbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

describe("lsp: typing", () => {
  it("gives at each pause what a fresh check of the same texts gives", async () => {
    const random = randomNumbers(7);
    const folder = makeProject({ "helper.ts": helper, "main.ts": "" });
    const [main, other] = [folder.path("main.ts"), folder.path("helper.ts")];
    const client = await startClient({ folders: [folder.root] });
    client.open(uriOf(main), "");
    client.open(uriOf(other), helper);

    const pause = async (): Promise<number> => {
      const found = await client.diagnostics(uriOf(main));
      const fresh = createChecker({ cwd: folder.root });
      for (const file of [main, other]) fresh.edit(file, client.text(uriOf(file)));
      const { diagnostics, failures } = await fresh.check(main, emptyConfig);
      await fresh.dispose();
      const text = client.text(uriOf(main));
      const place = (offset: number): string => {
        const lines = text.slice(0, offset).split("\n");
        return `${lines.length - 1}:${lines.at(-1)?.length}`;
      };
      assert.deepEqual(failures, []);
      assert.deepEqual(
        found.map(({ range, code }) => `${range.start.line}:${range.start.character} ${code}`),
        diagnostics.map(({ location, rule }) => `${place(location.start)} ${rule}`),
        text,
      );
      return found.length;
    };

    let most = 0;
    for (let typed = 0, next = 20; typed < program.length; ) {
      const text = program.slice(0, typed);
      const at = random(text.length + 1);
      const slip = random(12);
      if (slip === 0) client.change(uriOf(main), text.slice(0, at) + text.slice(at + 1 + random(6)));
      else if (slip === 1) client.change(uriOf(main), `${text.slice(0, at)}\n${text.slice(at)}`);
      else if (slip === 2) client.change(uriOf(other), random(2) === 0 ? `const first = 1;\n${helper}` : helper);
      if (slip < 3 && random(3) === 0) await pause();
      typed += 1 + random(4);
      client.change(uriOf(main), program.slice(0, typed));
      if (typed < next) continue;
      next = typed + 30 + random(30);
      most = Math.max(most, await pause());
    }
    assert.equal(await pause(), 5, "what the whole program is known to have");
    assert.ok(most > 0);
    await client.stop();
    folder.remove();
  });
});
