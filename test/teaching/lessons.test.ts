import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { type Finished, fearlessThreads, root, runTypeScript } from "./processes.js";

const folder = `${root}examples/lessons/`;

interface Promised {
  readonly lines: readonly string[];
  readonly order: "fixed" | "any";
}

/** What the comment at the top of a lesson says that it prints. */
function promised(lesson: string): Promised {
  const header = /^\/\/ Prints(?<any>, in any order)?:\n(?<lines>(?:\/\/ {3}.*\n)+)/m.exec(lesson);
  assert.ok(header?.groups?.lines, "a lesson says at its top what it prints");
  const lines = header.groups.lines.trimEnd().split("\n");
  return { lines: lines.map((line) => line.slice("//   ".length)), order: header.groups.any ? "any" : "fixed" };
}

function assertPrinted(finished: Finished, { lines, order }: Promised): void {
  assert.equal(finished.code, 0, finished.stderr);
  const printed = finished.stdout.trimEnd().split("\n");
  if (order === "any") assert.deepEqual(printed.toSorted(), lines.toSorted());
  else assert.deepEqual(printed, lines);
}

describe("the lessons", function () {
  this.timeout(60_000);

  it("are numbered without gaps", async () => {
    const numbers = (await readdir(folder)).sort().map((file) => Number(file.slice(0, 2)));
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index + 1),
    );
    assert.ok(numbers.length >= 9);
  });

  const lessons = [
    "01-spawn-and-join",
    "02-handles-and-joining",
    "03-move-data",
    "04-many-threads",
    "05-panics",
    "06-stack-size",
    "07-shared-counter",
    "08-channels",
    "09-scope",
  ];
  for (const lesson of lessons) {
    it(`${lesson} prints what its first lines say`, async () => {
      const promise = promised(await readFile(`${folder}${lesson}.ts`, "utf8"));
      assertPrinted(await runTypeScript(`${folder}${lesson}.ts`), promise);
    });

    it(`${lesson} prints the same with the runner`, async () => {
      const promise = promised(await readFile(`${folder}${lesson}.ts`, "utf8"));
      const finished = await fearlessThreads(["run", `${folder}${lesson}.ts`]);
      assertPrinted(finished, promise);
      assert.match(finished.stderr, /^threads: [1-9]\d* started, .* 0 killed un-joined/m);
    });
  }

  it("05-panics also says on stderr which thread failed, where, and with what", async () => {
    const { stderr } = await runTypeScript(`${folder}05-panics.ts`);
    const lesson = (await readFile(`${folder}05-panics.ts`, "utf8")).split("\n");
    const line = lesson.findIndex((text) => text.includes('throw new Error("Oops")')) + 1;
    assert.match(stderr, new RegExp(`thread '.+' panicked at .*05-panics\\.ts:${line}:\\d+: .*Oops`));
  });
});
