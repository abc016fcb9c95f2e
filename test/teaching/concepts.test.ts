import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { catalogue } from "../../server/src/analysis/catalogue.js";
import { type Concept, ConceptError, parseConcept } from "../../server/src/concepts/concept.js";
import { type Concepts, indexConcepts, readConcepts } from "../../server/src/concepts/load.js";
import { hoverMarkdown, pageMarkdown } from "../../server/src/concepts/render.js";
import { conceptPageUrl } from "../../server/src/pages.js";
import { type ApiNames, apiNames } from "./api.js";
import { fearlessThreads, node, root, runTypeScript } from "./processes.js";

const prelude =
  'import { subscribe } from "node:diagnostics_channel"; import { Arc, atomic, Barrier, Condvar, Mutex, move, mpsc, OnceLock, RwLock, Semaphore, type ThreadEvent, ThreadPool, thread } from "fearless-threads";';

describe("the concepts", () => {
  let concepts: Concepts;
  let api: ApiNames;

  before(async () => {
    concepts = await readConcepts();
    api = await apiNames();
  });

  it("explain every name that the library exports", () => {
    const unexplained = api.exported.filter((name) => concepts.conceptFor(name) === undefined);
    assert.deepEqual(unexplained, []);
  });

  it("explain no name that the library has not", () => {
    const known = new Set([...api.exported, ...api.members]);
    const stale = concepts.all.flatMap(({ id, names }) =>
      names.filter((name) => !known.has(name)).map((name) => `${id}: ${name}`),
    );
    assert.deepEqual(stale, []);
  });

  it("explain a member that no page lists by the page of its class", () => {
    assert.equal(concepts.conceptFor("JoinHandle.join")?.id, "join");
    assert.equal(concepts.conceptFor("JoinHandle.whatever")?.id, "join");
    assert.equal(concepts.conceptFor("whatever"), undefined);
  });

  it("stand behind every rule, and name no rule that is not there", () => {
    const named = new Set(concepts.all.flatMap((concept) => [...concept.rules, concept.rule ?? []].flat()));
    const first = catalogue.map(({ name }) => [name, concepts.conceptsForRule(name)[0]?.id]);
    assert.deepEqual(Object.fromEntries(first), {
      "unjoined-handle": "join",
      "capture-without-move": "captures",
      "shared-mutable-without-mutex": "data-race",
      "not-sendable": "sending",
      "use-after-move": "move",
      "ignored-join-result": "result",
      "guard-not-released": "mutex",
      "guard-dropped-at-once": "mutex",
      "double-lock": "mutex",
      "guard-across-await": "mutex",
      "join-holding-lock": "mutex",
      "lock-order": "mutex",
      "condvar-wait-without-loop": "condvar",
      "blocking-main-thread": "current",
      "sender-never-dropped": "channel",
      "copied-not-moved": "sending",
      "thread-in-module-scope": "spawn",
      "join-in-spawn-loop": "how-many-threads",
      "stack-size-out-of-range": "builder",
      "unbounded-spawn": "how-many-threads",
      "unnecessary-move": "move",
    });
    for (const rule of named) assert.ok(existsSync(`${root}server/src/analysis/rules/${rule}/page.md`), rule);
  });

  it("have examples that compile, that no rule reports, and that print what they say", async function () {
    this.timeout(120_000);
    const folder = `${root}test/teaching/.cache/examples/`;
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(`${folder}package.json`, '{ "type": "module" }\n');
    await writeFile(
      `${folder}tsconfig.json`,
      JSON.stringify({
        extends: "../../../../tsconfig.base.json",
        compilerOptions: { composite: false, emitDeclarationOnly: false, noEmit: true },
      }),
    );
    for (const { id, example } of concepts.all) await writeFile(`${folder}${id}.ts`, `${prelude}\n${example}\n`);
    const all = concepts.all.map(({ id }) => `console.log("# ${id}"); await import("./${id}.js");`);
    await writeFile(`${folder}all.ts`, `${all.join("\n")}\nexport {};\n`);

    const compiled = await node([`${root}node_modules/typescript/bin/tsc`, "-p", folder]);
    assert.equal(compiled.stdout, "");
    assert.equal(compiled.code, 0);

    const files = concepts.all.map(({ id }) => `${folder}${id}.ts`);
    const checked = await fearlessThreads(["check", "--format", "json", ...files]);
    assert.deepEqual((JSON.parse(checked.stdout) as { diagnostics: unknown }).diagnostics, []);

    const ran = await runTypeScript(`${folder}all.ts`);
    const printed = ran.stdout
      .split(/^# /m)
      .slice(1)
      .map((text) => text.trim().split("\n"));
    const expected = concepts.all.map(({ id, example }) => [id, example.split(" // ")[1]]);
    // `how-many-threads` prints its line once for every core of the machine.
    const seen = printed.map(([id, ...lines]) => [id, [...new Set(lines)].join(" ")]);
    assert.deepEqual(seen, expected);
    assert.equal(ran.code, 0, ran.stderr);
  });

  it("link only to pages that are there", () => {
    for (const concept of concepts.all) {
      const missing: string[] = [];
      pageMarkdown(concept, (href) => {
        if (!existsSync(conceptPageUrl(href))) missing.push(href);
        return href;
      });
      assert.deepEqual(missing, [], concept.id);
    }
  });

  describe("as a hover", () => {
    it("show the model at a glance: a line, the kitchen and its diagram, the truth below, the misbelief, code, a link", () => {
      const concept = concepts.conceptFor("spawn");
      assert.ok(concept);
      const hover = hoverMarkdown(concept, (href) => `page:${href}`);
      const found = hover.match(/^\*\*[^*]+\*\*|^```\w+|\]\(page:spawn\.md\)/gm);
      assert.deepEqual(found, [
        "**Starting a thread (spawn)**",
        "**Picture.**",
        "```text",
        "**Underneath.**",
        "**Common misbelief.**",
        "```ts",
        "](page:spawn.md)",
      ]);
    });

    it("stay small enough to be read beside the code", () => {
      for (const concept of concepts.all) {
        const words = hoverMarkdown(concept, (href) => href).split(/\s+/).length;
        assert.ok(words < 330, `${concept.id}: ${words} words`);
      }
    });
  });
});

describe("a concept page", () => {
  const page = (changes: Partial<Record<"matter" | "example" | "misbelief" | "picture", string>> = {}) =>
    [
      "---",
      changes.matter ?? "title: Join\nnames: join, JoinHandle.join\nrule: unjoined-handle",
      "---",
      "## What it is\n\nIt waits.",
      `## Picture\n\n${changes.picture ?? "A pager.\n\n```text\n## not a heading\n```\n\nFor readers."}`,
      "## Underneath\n\nA message.",
      `## Common misbelief\n\n${changes.misbelief ?? "> One.\n\nNo.\n\nWhy.\n\n> Two.\n\nNo."}`,
      `## Example\n\n${changes.example ?? "```ts\nfirst();\nsecond();\n```"}`,
      "## More\n\n- [Move](move.md)",
      "",
    ].join("\n");

  it("is read with Windows line ends as with others", () => {
    const concept = parseConcept("join", page());
    assert.deepEqual(parseConcept("join", page().replaceAll("\n", "\r\n")), concept);
    assert.deepEqual(concept, {
      id: "join",
      title: "Join",
      names: ["join", "JoinHandle.join"],
      rule: "unjoined-handle",
      rules: [],
      whatItIs: "It waits.",
      picture: "A pager.\n\n```text\n## not a heading\n```\n\nFor readers.",
      underneath: "A message.",
      misbeliefs: [
        { belief: "One.", truth: "No.\n\nWhy." },
        { belief: "Two.", truth: "No." },
      ],
      example: "first();\nsecond();",
      more: "- [Move](move.md)",
    } satisfies Concept);
  });

  it("shows the first paragraph of each section in a hover, on one line", () => {
    const hover = hoverMarkdown(
      parseConcept("join", page({ picture: "A\npager.\n\nFor readers." })),
      (href) => `#${href}`,
    );
    assert.equal(
      hover,
      "**Join** · It waits.\n\n**Picture.** A pager.\n\n**Underneath.** A message.\n\n**Common misbelief.** *“One.”* No.\n\n" +
        "```ts\nfirst();\nsecond();\n```\n\n[More: Join](#join.md)",
    );
  });

  const broken: readonly (readonly [string, string, RegExp])[] = [
    ["without front matter", page().slice(4), /join\.md: expected front matter/],
    ["with an unknown field", page({ matter: "title: Join\nname: join" }), /found `name: join`/],
    ["without a title", page({ matter: "names: join" }), /expected a `title:`/],
    ["with an example of three lines", page({ example: "```ts\na();\nb();\nc();\n```" }), /two lines/],
    ["whose misbelief is never put right", page({ misbelief: "> One.\n\n> Two.\n\nNo." }), /each misbelief/],
    ["without a section", page().replace("## Underneath", "### Underneath"), /found What it is, Picture, Common/],
    ["with an empty section", page().replace("A message.", ""), /`Underneath` is empty/],
    ["that starts with text", page().replace("## What it is", "Hello"), /found `Hello`/],
  ];
  for (const [name, text, message] of broken) {
    it(`is refused ${name}`, () => {
      assert.throws(
        () => parseConcept("join", text),
        (error) => error instanceof ConceptError && message.test(error.message),
      );
    });
  }

  it("may not explain what another one explains", () => {
    const concept = parseConcept("join", page());
    assert.throws(
      () => indexConcepts([concept, { ...concept, id: "wait" }]),
      /wait\.md: explains `join`, and so does concepts\/join\.md/,
    );
  });
});
