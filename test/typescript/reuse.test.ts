/** What is kept of the compiler's answers from edit to edit is what a compiler says that has forgotten everything. */
import assert from "node:assert/strict";
import fc from "fast-check";
import { startLowering } from "../../server/src/analysis/mir/lower.js";
import type { Answers, Question } from "../../server/src/analysis/program/program.js";
import { createProgramHost, type ProgramHost } from "../../server/src/typescript/host.js";
import { createKeptAnswers } from "../../server/src/typescript/reuse/kept-answers.js";
import { threadProgram } from "../bench/program.js";
import { editedTexts } from "../support/edits.js";
import { type Folder, makeFolder } from "../support/folder.js";

const files = {
  "package.json": '{ "name": "fixture" }',
  "tsconfig.json": '{ "compilerOptions": { "strict": true, "target": "es2024", "module": "esnext", "types": [] } }',
  "library.d.ts":
    'declare module "library" { export function start<T>(f: () => T): Started<T>; export class Started<T> { join(): Promise<T> } }',
  "main.ts": "",
  "back.ts": 'import { make } from "./main.js";\nexport const again = () => make();\n',
};

/** Programs in which what one statement says depends on another, each with a replacement that changes that. */
const cases: Readonly<Record<string, readonly [program: string, from: string, to: string]>> = {
  "inside a function whose type is written down": [
    'import { start } from "library";\nexport async function one(n: number): Promise<number> {\n  const h = start(() => n);\n  return h.join();\n}\nexport async function two(): Promise<number> {\n  const h = start(() => 2);\n  return (await h.join()) + (await one(1));\n}\n',
    "const h = start(() => n);",
    "const g = start(() => 'a');\n  const h = start(() => n);",
  ],
  "a result type that is inferred": [
    'import { start } from "library";\nfunction make() { return start(() => 1); }\nfunction use() { const h = make(); return h; }\nconst other = use();\nexport const last = other.join();\n',
    "start(() => 1)",
    "'no longer'",
  ],
  "an assignment that takes a narrowing away": [
    'import { start, type Started } from "library";\nlet h: Started<number> | string = start(() => 1);\nconst later = () => { const g = h; return g; };\nfunction f(): void {\n  later();\n}\nexport const seen = [later, f];\n',
    "  later();",
    "  later(); h = 'a';",
  ],
  "what an assignment narrows to": [
    'import { start, type Started } from "library";\nfunction make() { return start(() => 1); }\nlet h: Started<number> | undefined;\nh = make() as ReturnType<typeof make>;\nconst g = h;\nexport const seen = [g];\n',
    "start(() => 1)",
    "undefined",
  ],
  "a check at the top of the file": [
    'import { start } from "library";\nconst h = Math.random() > 0.5 ? start(() => 1) : undefined;\nif (!h) throw new Error();\nexport const joined = h.join();\n',
    "throw new Error()",
    "console.log()",
  ],
  "a method whose type is written down": [
    'import { start, type Started } from "library";\nexport class Jobs {\n  handle = start(() => 1);\n  run(): Started<number> {\n    return this.handle;\n  }\n  other() { return this.run(); }\n}\nexport const jobs = new Jobs().other();\n',
    "return this.handle;",
    "const own = start(() => 2);\n    return own ?? this.handle;",
  ],
  "a method whose type is inferred": [
    'import { start } from "library";\nclass Jobs {\n  run() {\n    return start(() => 1);\n  }\n}\nconst jobs = new Jobs();\nexport const h = jobs.run();\n',
    "start(() => 1)",
    "[start(() => 1)]",
  ],
  "a field that the constructor gives its type": [
    'import { start } from "library";\nclass Jobs {\n  handle;\n  constructor() {\n    this.handle = start(() => 1);\n  }\n}\nexport const h = new Jobs().handle;\n',
    "start(() => 1)",
    "1",
  ],
  "an interface": [
    'import { start, type Started } from "library";\ninterface Job { readonly handle: Started<number> }\nconst job = (): Job => ({ handle: start(() => 1) });\nconst h = job().handle;\nexport const joined = [h];\n',
    "Started<number> }",
    "string }",
  ],
  "what comes back through another file": [
    'import { start } from "library";\nimport { again } from "./back.js";\nexport function make() { return start(() => 1); }\nconst h = again();\nexport const joined = [h];\n',
    "start(() => 1)",
    "1",
  ],
  "an interface that comes back through another file": [
    'import { start, type Started } from "library";\nimport { again } from "./back.js";\ninterface Job { readonly handle: Started<number> }\nexport function make(): Job { return { handle: start(() => 1) }; }\nconst h = again().handle;\nexport const joined = [h];\n',
    "Started<number> }",
    "string }",
  ],
  "a script, whose names are everybody's": [
    "interface Array<T> { started: number }\nfunction make() { return 1; }\nvar h = [1].started;\nvar g = make();\n",
    "started: number",
    "started: string",
  ],
  "a comment": [
    '// @ts-check\nimport { start } from "library";\n// one\nexport const h = start(() => 1);\n// two\nexport const g = h;\n',
    "// one",
    "// another one\n",
  ],
  "an import": [
    'import { start } from "library";\nexport const h = start(() => 1);\nexport function f(): void { h.join(); }\n',
    "{ start }",
    "{ Started as start }",
  ],
  "a brace that is missing": [
    'import { start } from "library";\nexport function f(): void {\n  start(() => 1);\n}\nexport function g(): void {\n  f();\n}\n',
    "  start(() => 1);\n}",
    "  start(() => 1);\n",
  ],
  "a name that shadows another": [
    'import { start } from "library";\nexport function f(): void {\n  g();\n}\nfunction g() { return start(() => 1); }\nexport const h = g();\n',
    "  g();",
    "  const start = g(); start;",
  ],
  "a name written with an escape": [
    'import { start } from "library";\nfunction make() { return start(() => 1); }\nexport const h = m\\u0061ke();\n',
    "start(() => 1)",
    "1",
  ],
};

let folder: Folder;
let kept: ProgramHost;
let forgetful: ProgramHost;
let turn = 0;

before(() => {
  folder = makeFolder(files);
  kept = createProgramHost({ cwd: folder.root });
  forgetful = createProgramHost({ cwd: folder.root });
});

after(async () => {
  await kept.close();
  await forgetful.close();
  folder.remove();
});

/** Everything that is asked about `main.ts`, with what is answered. */
async function answersOf(host: ProgramHost, edited: Readonly<Record<string, string>>): Promise<readonly unknown[]> {
  const file = folder.path("main.ts");
  const snapshot = await host.update({
    edited: new Map(Object.entries(edited).map(([name, text]) => [folder.path(name), text])),
  });
  try {
    const tree = await snapshot.tree(file);
    assert.ok(tree);
    const { questions } = startLowering(file, tree);
    return listed(questions, await snapshot.resolve(file, questions));
  } finally {
    await snapshot.dispose();
  }
}

function listed(questions: readonly Question[], answers: Answers): readonly unknown[] {
  return questions.map(({ node, want }) => ({
    at: node.pos,
    want,
    answer: want === "symbol" ? answers.symbol(node) : answers.type(node),
  }));
}

async function compare(text: string): Promise<void> {
  // A declaration file that changes makes the other host forget what it knows.
  const noise = { "noise.d.ts": `declare const noise${turn++}: number;` };
  assert.deepEqual(
    await answersOf(kept, { "main.ts": text }),
    await answersOf(forgetful, { ...noise, "main.ts": text }),
    text,
  );
}

describe("answers that are kept", () => {
  for (const [name, [program, from, to]] of Object.entries(cases)) {
    it(`are right after an edit of ${name}, and when it is taken back`, async () => {
      assert.ok(program.includes(from));
      for (const text of [program, program.replace(from, to), program]) await compare(text);
    });
  }

  it("are right after any edits", async () => {
    const programs = [
      ...Object.values(cases).map(([program]) => program),
      threadProgram().replaceAll("fearless-threads", "library"),
    ];
    const scraps = [
      "h",
      "start(() => 1)",
      "{",
      "}",
      "\n",
      "let h;",
      "export ",
      "return 1;",
      ": string",
      "// ",
      "/*",
      "`",
      "await ",
      "const f = () => h;",
      "if (h) ",
    ];
    await fc.assert(
      fc.asyncProperty(editedTexts(programs, scraps), async (texts) => {
        for (const text of texts) await compare(text);
      }),
      { numRuns: 60 },
    );
  }).timeout(120_000);

  it("are used: an edit inside a function asks about that function only", async () => {
    const [program, from, to] = cases["inside a function whose type is written down"] ?? assert.fail();
    const file = folder.path("main.ts");
    const store = createKeptAnswers();
    const open: number[] = [];
    for (const text of [program, program.replace(from, to)]) {
      const snapshot = await kept.update({ edited: new Map([[file, text]]) });
      const tree = await snapshot.tree(file);
      assert.ok(tree);
      const { questions } = startLowering(file, tree);
      const known = store.known(file, tree, questions, store.now);
      open.push(questions.length - known.size);
      const answers = await snapshot.resolve(file, questions);
      const all = questions.map(
        (question) => [question, { symbol: answers.symbol(question.node), type: answers.type(question.node) }] as const,
      );
      store.keep(file, tree, new Map(all), false, store.now);
      await snapshot.dispose();
    }
    const [whole, edited] = open;
    assert.ok(
      edited !== undefined && whole !== undefined && edited > 0 && edited < whole,
      `${whole} questions, then ${edited}`,
    );
  });
});
