import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import * as library from "fearless-threads";
import { type PublicName, publicNames } from "../../../docs/publicApi.js";
import { type Ended, Workspace } from "../process.js";
import { type Example, examplesIn, readExamples } from "./examples.js";

const names = publicNames();
const ownersDocs = new Map(names.map(({ name, docs }) => [name, docs]));

/** The comment of a name, and of the class that it is a member of. */
const allDocs = ({ docs, owner }: PublicName) => `${docs}\n${ownersDocs.get(owner ?? "") ?? ""}`;
const list = (found: readonly PublicName[]) => found.map(({ name, at }) => `${name} (${at})`);

describe("the doc comments of the library", () => {
  it("are there, for every public name", () => {
    assert.ok(names.length > 150, `${names.length} names`);
    const bare = names.filter(({ docs, kind, name }) => docs === "" && kind !== "constructor" && !isOfEveryError(name));
    assert.deepEqual(list(bare), []);
  });

  it("name every error that is thrown", () => {
    const silent = names.flatMap((name) => {
      const missing = name.errors.filter((error) => !new RegExp(`\\b${error}\\b`).test(allDocs(name)));
      return missing.map((error) => `${name.name} (${name.at}): ${error}`);
    });
    assert.deepEqual(silent, []);
    const untold = names.filter((name) => name.throwsItself && !/@throws|\bthrows\b|\brejects\b/i.test(allDocs(name)));
    assert.deepEqual(list(untold), []);
  });

  it("are asked for what the code throws, also further in", () => {
    const errorsOf = (name: string) => names.find((one) => one.name === name)?.errors;
    assert.deepEqual(errorsOf("Mutex.tryLock"), ["UseAfterMoveError"]);
    assert.ok(errorsOf("thread.spawn")?.includes("NotSendError"));
    assert.ok(errorsOf("thread.spawn")?.includes("SpawnError"));
    assert.deepEqual(errorsOf("drop"), ["NotSendError", "UseAfterMoveError"]);
    assert.deepEqual(errorsOf("thread.yieldNow"), []);
  });

  it("say what the error of a Result is", () => {
    const untold = names.filter((name) => name.returnsResult && !/\bErr\b/.test(name.docs));
    assert.deepEqual(list(untold), []);
  });

  it("are about types that are exported, too", () => {
    const exported = new Set(names.map(({ name }) => name.replace(/^.*\./, "")));
    const hidden = names.flatMap(({ name, at, types }) =>
      types.filter((type) => !exported.has(type) && type !== "Life").map((type) => `${name} (${at}): ${type}`),
    );
    assert.deepEqual(hidden, []);
  });

  it("have an example, for functions, classes and their methods", () => {
    const bare = names.filter(
      ({ name, kind, hasExample }) =>
        ["function", "class", "method"].includes(kind) && !hasExample && !isCalledByTheLanguage(name),
    );
    assert.deepEqual(list(bare), []);
  });
});

/** JavaScript says what the name of an error is. */
function isOfEveryError(name: string): boolean {
  return /(Error|Panic)\.name$/.test(name);
}

/** `using` and `for await` call it, which the example of its class shows. */
function isCalledByTheLanguage(name: string): boolean {
  return name.endsWith("]");
}

describe("the examples of the doc comments", function () {
  this.timeout(120_000);
  const exported = names.filter(({ owner, name }) => owner === undefined && !name.includes("."));
  const values = Object.keys(library);
  const types = exported.map(({ name }) => name).filter((name) => !values.includes(name));
  const examples = readExamples(new URL("../../../runtime/src/", import.meta.url), { values, types });
  const workspace = new Workspace();
  after(() => workspace.remove());

  it("have the types that the built package says", async () => {
    for (const [i, { files }] of examples.entries()) {
      mkdirSync(`${workspace.folder}/${programOf(i, "")}`);
      for (const { name, code } of files) workspace.write(programOf(i, name), code);
    }
    const all = examples.flatMap(({ files }, i) => files.map(({ name }) => programOf(i, name)));
    const compiled = await workspace.tsc(all, { target: "es2022", rootDir: "." });
    const where = compiled.stdout.replace(/example-(\d+)\//g, (text, i) => `${examples[Number(i)]?.at ?? text}/`);
    assert.equal(where, "");
  });

  for (const file of new Set(examples.map(({ at }) => at.replace(/:\d+$/, "")))) {
    it(`run, end and print what they say: ${file}`, async () => {
      const those = [...examples.entries()].filter(([, { at }]) => at.startsWith(`${file}:`));
      const steps = those.map(
        ([i, example]) =>
          `console.log(${JSON.stringify(mark + example.at)});\nawait import("./out/${mainOf(example, i)}");`,
      );
      const program = workspace.write(`run-${those[0]?.[0]}.js`, steps.join("\n"));
      const ended = await workspace.node(program);
      const expected = Object.fromEntries(those.map(([, { at, prints }]) => [at, prints.join(", ")]));
      assert.deepEqual(printed(ended), expected, ended.stderr === "" ? undefined : ended.stderr);
      assert.equal(ended.code, 0, ended.stderr);
    });
  }

  it("are found as they are written", () => {
    const text = `/**
 * Adds.
 *
 * @example
 * const arc = Arc.new([1]);
 * console.log(arc[0]); // 1
 * @throws Error
 */`;
    const [example, ...others] = examplesIn("a.ts", text, { values: ["Arc", "Mutex"], types: [] });
    assert.deepEqual(others, []);
    assert.equal(example?.at, "a.ts:4");
    assert.deepEqual(example?.prints, ["1"]);
    assert.equal(
      example?.files[0]?.code,
      'import { Arc } from "fearless-threads";\nconst arc = Arc.new([1]);\nconsole.log(arc[0]); // 1',
    );
  });
});

const mark = "── ";

function programOf(i: number, name: string): string {
  return `example-${i}/${name}`;
}

/** The file that is run, as a module names it. */
function mainOf(example: Example, i: number): string {
  return programOf(i, (example.files.at(-1)?.name ?? "").replace(/\.ts$/, ".js"));
}

/** What each example printed, by where it stands. */
function printed({ stdout }: Ended): Readonly<Record<string, string>> {
  const parts = stdout.split(mark).slice(1);
  return Object.fromEntries(
    parts.map((part) => {
      const [at = "", ...lines] = part.trimEnd().split("\n");
      return [at, lines.join(", ")];
    }),
  );
}
