/** A session that remembers which functions were clean finds what one finds that sees the file for the first time. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { createSession, type Session } from "../../../server/src/analysis/analyse.js";
import { threadProgram } from "../../bench/program.js";
import { editedTexts } from "../../support/edits.js";
import { sharedHost, withProject } from "../../support/project.js";

const head = 'import { thread, type JoinHandle } from "fearless-threads";\n';

const lockHead =
  'import { Mutex } from "fearless-threads";\nconst m = new Mutex(0);\nconst k = new Mutex(0);\nexport const all = [k];\n';

/** Programs with a replacement somewhere that decides what is found elsewhere. */
const cases: Readonly<Record<string, readonly [program: string, from: string, to: string]>> = {
  "a callee": [
    `${head}async function end(h: JoinHandle<number>): Promise<void> { (await h.join()).unwrap(); }\nexport async function main(): Promise<void> {\n  const h = thread.spawn(() => 1);\n  await end(h);\n}\n`,
    "(await h.join()).unwrap();",
    "h.isFinished();",
  ],
  "a callee of a callee": [
    `${head}async function end(h: JoinHandle<number>): Promise<void> { await last(h); }\nasync function last(h: JoinHandle<number>): Promise<void> { (await h.join()).unwrap(); }\nexport async function main(): Promise<void> {\n  const h = thread.spawn(() => 1);\n  await end(h);\n}\n`,
    "(await h.join()).unwrap();",
    "h.isFinished();",
  ],
  "a function that is handed on": [
    `${head}export const me = () => thread.current();\nconst start = (n: number): JoinHandle<number> => thread.spawn(() => 1);\nexport function main(): void {\n  [1, 2].map(start);\n}\n`,
    "thread.spawn(() => 1)",
    "undefined as never",
  ],
  "another name for spawn": [
    `${head}const start = thread.spawn;\nexport function main(): void {\n  start(() => 1);\n}\n`,
    "thread.spawn",
    "thread.scope as never",
  ],
  "a method": [
    `${head}class Jobs {\n  end(h: JoinHandle<number>): void {\n    h.detach();\n  }\n  start(): void {\n    this.end(thread.spawn(() => 1));\n  }\n}\nexport const jobs = new Jobs();\n`,
    "h.detach();",
    "h.isFinished();",
  ],
  "code of the module that runs a function at once": [
    `${head}[1, 2].map(() => thread.spawn(() => 1));\n`,
    "[1, 2].map",
    "later",
  ],
  "code of the module that runs a function with a mistake at once": [
    `${head}[1, 2].forEach(() => {\n  thread.spawn(() => 1);\n});\n`,
    "[1, 2].forEach(",
    "thread.spawn(() => 2);\nlater(",
  ],
  "a function that takes the lock of its caller": [
    `${lockHead}async function add(): Promise<void> { using n = (await m.lock()).unwrap(); n.value += 1; }\nexport async function main(): Promise<void> {\n  using n = (await m.lock()).unwrap();\n  await add();\n  n.value += 1;\n}\n`,
    "using n = (await m.lock()).unwrap(); n.value += 1;",
    "await 1;",
  ],
  "the other order of two locks": [
    `${lockHead}export async function one(): Promise<void> {\n  using x = (await m.lock()).unwrap();\n  using y = (await k.lock()).unwrap();\n  y.value = x.value;\n}\nexport async function two(): Promise<void> {\n  using y = (await k.lock()).unwrap();\n  using x = (await m.lock()).unwrap();\n  y.value = x.value;\n}\n`,
    "using y = (await k.lock()).unwrap();\n  y.value",
    "const y = { value: 0 };\n  y.value",
  ],
  "the function itself": [
    `${head}export function one(): void {\n  thread.spawn(() => 1).detach();\n}\nexport function two(): void {\n  thread.spawn(() => 2).detach();\n}\n`,
    "2).detach()",
    "2)",
  ],
};

async function findings(session: Session, path: (name: string) => string, text: string): Promise<readonly unknown[]> {
  const file = path("main.ts");
  session.invalidate(file);
  const snapshot = await (await sharedHost()).update({ edited: new Map([[file, text]]) });
  try {
    const { diagnostics, failures } = await session.analyse(snapshot, file, {});
    assert.deepEqual(failures, []);
    return diagnostics;
  } finally {
    await snapshot.dispose();
  }
}

/** @returns How many findings there were after each text. */
async function compare(texts: readonly string[]): Promise<readonly number[]> {
  return withProject({ "main.ts": "" }, async (_, path) => {
    const session = createSession();
    const counts: number[] = [];
    for (const text of texts) {
      const found = await findings(session, path, text);
      assert.deepEqual(found, await findings(createSession(), path, text), text);
      counts.push(found.length);
    }
    return counts;
  });
}

describe("what was clean", () => {
  for (const [name, [program, from, to]] of Object.entries(cases)) {
    it(`is looked at again after an edit of ${name}`, async () => {
      assert.ok(program.includes(from));
      const edited = program.replace(from, to);
      const [before, after] = await compare([program, edited, program, edited, edited.replace(/\n/, "\n\n")]);
      assert.notEqual(before, after, "the edit decides what is found");
    });
  }

  it("is found out right after any edits", async () => {
    const programs = [...Object.values(cases).map(([program]) => program), threadProgram()];
    const scraps = [
      "h.join();",
      "thread.spawn(() => 1)",
      "{",
      "}",
      "\n",
      "return;",
      ".detach()",
      "await ",
      "const ",
      "throw 1;",
    ];
    await fc.assert(
      fc.asyncProperty(editedTexts(programs, scraps), async (texts) => {
        await compare(texts);
      }),
      { numRuns: 50 },
    );
  }).timeout(120_000);
});
