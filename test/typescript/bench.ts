/**
 * What a keystroke in a 300-line file costs in the adapter: the update, the tree, and one batch of questions.
 *
 * Run with `npx tsx test/typescript/bench.ts`.
 */
import { fileURLToPath } from "node:url";
import { isIdentifier, type Node } from "typescript/ast";
import { createProgramHost } from "../../server/src/typescript/host.js";

const root = fileURLToPath(new URL("../virtual", import.meta.url)).replaceAll("\\", "/");
const file = `${root}/bench.ts`;
const tsconfig =
  '{ "compilerOptions": { "module": "nodenext", "target": "es2023", "types": ["node"] }, "files": ["bench.ts"] }';

const head = [
  'import { thread, move, Arc, Mutex, mpsc } from "fearless-threads";',
  'import { readFile } from "node:fs/promises";',
];
const job = (index: number) => `export async function job${index}(input: Map<string, number[]>, n: number) {
  const counter = Arc.new(new Mutex(0));
  const handle = thread.spawn(move(counter), (counter) => { return n; });
  const [tx, rx] = mpsc.channel<number>();
  for (const [key, values] of input) { console.log(key.length, values.map((v) => v + n)); }
  tx.send(${index});
  const text = await readFile("x", "utf8");
  const result = await handle.join();
  return { value: result.unwrap(), text, rx };
}`;
const text = [...head, ...Array.from({ length: 30 }, (_, index) => job(index))].join("\n");

const times = new Map<string, number[]>();
async function time<T>(what: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  times.set(what, [...(times.get(what) ?? []), performance.now() - start]);
  return result;
}

function names(tree: Node): readonly Node[] {
  const found: Node[] = [];
  const visit = (node: Node): void => {
    if (isIdentifier(node)) found.push(node);
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

const host = createProgramHost({ cwd: root.slice(0, root.lastIndexOf("/")) });
await (await host.update({ edited: new Map([[`${root}/tsconfig.json`, tsconfig]]) })).dispose();
for (let edit = 0; edit < 220; edit += 1) {
  await time("all", async () => {
    const now = text.replace("n: number) {", `n: number) { const edit${edit} = 1;`);
    const snapshot = await time("update", () => host.update({ edited: new Map([[file, now]]) }));
    const tree = await time("tree", () => snapshot.tree(file));
    if (!tree) throw new Error("there is no tree");
    const nodes = await time("walk", async () => names(tree));
    const symbols = nodes.slice(0, 250).map((node) => ({ node, want: "symbol" }) as const);
    const types = nodes.filter((_, index) => index % Math.floor(nodes.length / 80) === 0).slice(0, 80);
    await time("resolve", () =>
      snapshot.resolve(file, [...symbols, ...types.map((node) => ({ node, want: "type" }) as const)]),
    );
    await snapshot.dispose();
  });
}
await host.close();

for (const [what, all] of times) {
  const [cold, ...rest] = all;
  const warm = rest.slice(20).sort((a, b) => a - b);
  const at = (share: number) => warm[Math.floor(warm.length * share)]?.toFixed(1).padStart(6);
  console.log(`${what.padEnd(8)} median ${at(0.5)} ms  p95 ${at(0.95)} ms  cold ${cold?.toFixed(0).padStart(4)} ms`);
}
