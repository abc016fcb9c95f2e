/**
 * Generated projects that use threads all over: the same seed gives the same files, byte for byte.
 *
 * Every file has types, classes, promises and imports of its own, so that the tools that are compared have something to
 * do in each; a share of the files starts threads.
 */
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export interface Plan {
  readonly files: number;
  readonly seed: number;
  /** How many of 100 files start threads themselves. */
  readonly threaded: number;
}

const filesInFolder = 40;

/** A generator of numbers in [0, 1): mulberry32. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Writes the project into an empty folder. */
export function writeProject(folder: string, plan: Plan): void {
  const next = random(plan.seed);
  const options = {
    target: "es2023",
    lib: ["es2023", "esnext.disposable"],
    module: "nodenext",
    strict: true,
    noEmit: true,
    types: ["node"],
  };
  write(join(folder, "tsconfig.json"), JSON.stringify({ compilerOptions: options, include: ["src"] }));
  write(join(folder, "package.json"), '{ "name": "generated", "private": true, "type": "module" }');
  symlinkSync(fileURLToPath(new URL("../../node_modules", import.meta.url)), join(folder, "node_modules"));
  for (let index = 0; index < plan.files; index++) {
    const imports = [...new Set([1, 2, 3].map(() => Math.floor(next() * index)))].filter((other) => other < index);
    const threaded = next() * 100 < plan.threaded;
    write(join(folder, pathOf(index)), fileText(index, imports, { threaded, next }));
  }
}

function write(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function pathOf(index: number): string {
  return `src/area${Math.floor(index / filesInFolder)}/file${index}.ts`;
}

interface Shape {
  readonly threaded: boolean;
  readonly next: () => number;
}

function fileText(index: number, imports: readonly number[], { threaded, next }: Shape): string {
  const lines = imports.map((other) => `import { load${other} } from "../../${pathOf(other).replace(/ts$/, "js")}";`);
  if (threaded) lines.unshift('import { Arc, Mutex, move, thread } from "fearless-threads";');
  lines.push(plainPart(index, imports));
  const sections = 1 + Math.floor(next() * 3);
  for (let section = 0; section < sections; section++) {
    lines.push(threaded ? threadedPart(`${index}_${section}`, next) : promisePart(`${index}_${section}`));
  }
  return lines.join("\n");
}

function plainPart(index: number, imports: readonly number[]): string {
  const calls = imports.map((other) => `  total += await load${other}(id);`).join("\n");
  return `
export interface Item${index} {
  readonly id: string;
  readonly tags: readonly string[];
  readonly weight: number | undefined;
}

export class Store${index} {
  readonly #items = new Map<string, Item${index}>();

  add(item: Item${index}): this {
    this.#items.set(item.id, item);
    return this;
  }

  async find(id: string): Promise<Item${index} | undefined> {
    await Promise.resolve();
    return this.#items.get(id);
  }
}

export async function load${index}(id: string): Promise<number> {
  const store = new Store${index}().add({ id, tags: [id], weight: ${index} });
  const item = await store.find(id);
  let total = item?.weight ?? 0;
${calls}
  return total;
}
`;
}

function promisePart(name: string): string {
  return `
export async function gather${name}(ids: readonly string[]): Promise<readonly string[]> {
  const found = await Promise.all(ids.map(async (id) => \`\${id}:\${id.length}\`));
  for (const one of found) {
    if (one.length > 100) throw new Error(\`too long: \${one}\`);
  }
  return found.filter((one) => one !== "").map((one) => one.trim());
}
`;
}

/** Most of it right; one part in eight has a mistake of each tool's kind. */
function threadedPart(name: string, next: () => number): string {
  const wrong = next() < 0.125;
  return `
export async function count${name}(words: readonly string[]): Promise<number> {
  const copied = [...words];
  const handle = thread.spawn(${wrong ? "() =>" : "move(copied), (copied) =>"} {
    let total = 0;
    for (const word of copied) total += word.length;
    return total;
  });
  return (await handle.join()).unwrap();
}

export async function total${name}(jobs: readonly number[]): Promise<number> {
  const sum = Arc.new(new Mutex(0));
  const handles = [];
  for (const job of jobs) {
    handles.push(
      thread.spawn(move(sum.clone(), job), async (sum, job) => {
        using guard = (await sum.lock()).unwrap();
        guard.value += job;
      }),
    );
  }
  for (const handle of handles) (await handle.join()).unwrap();
  ${wrong ? `count${name}([]);` : ""}
  using guard = (await sum.lock()).unwrap();
  return guard.value;
}
`;
}
