import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type Compiler, Workspace } from "./process.js";

/** The compilers that programs which use the library are compiled with. */
const compilers: readonly Compiler[] = ["typescript", "typescript-6.0", "typescript-5.9"];

/** The programs, and how a user may have set the compiler up. Everything is strict, the library's own types included. */
const programs = [
  { file: "api.ts", options: { lib: ["es2022", "esnext.disposable"], types: ["node"] } },
  {
    file: "sendable.ts",
    options: {
      module: "node16",
      lib: ["es2022", "esnext.disposable"],
      types: ["node"],
      exactOptionalPropertyTypes: true,
    },
  },
  { file: "dom.ts", options: { module: "esnext", moduleResolution: "bundler", lib: ["esnext", "dom"] } },
] as const;

const text = (file: string): string => readFileSync(new URL(`types/${file}`, import.meta.url), "utf8");

describe("the types", function () {
  this.timeout(120_000);
  const workspace = new Workspace();
  after(() => workspace.remove());

  for (const compiler of compilers) {
    for (const { file, options } of programs) {
      it(`of ${file} are as they should be to ${compiler}, with ${JSON.stringify(options)}`, async () => {
        workspace.write(file, text(file));
        const ended = await workspace.tsc(
          file,
          {
            noEmit: true,
            types: [],
            target: "es2022",
            skipLibCheck: false,
            noUncheckedIndexedAccess: true,
            ...options,
          },
          compiler,
        );
        assert.deepEqual(reasonsIn(ended.stdout), expectedIn(text(file)), ended.stdout);
      });
    }
  }
});

/** What the compiler says line by line: the reasons of what cannot be sent, or the whole message of anything else. */
function reasonsIn(output: string): Record<string, string> {
  const reasons: Record<string, string> = {};
  for (const [, line = "", message = ""] of output.matchAll(/^[^\s(]+\((\d+),\d+\): (.*)$/gm)) {
    reasons[line] = [...message.matchAll(/NotSendable<(".*?")>/g)].at(-1)?.[1]?.slice(1, -1) ?? message;
  }
  return reasons;
}

function expectedIn(source: string): Record<string, string> {
  const lines = source.split("\n").map((line, index) => [String(index + 1), /\/\/ no: (.*)$/.exec(line)?.[1]] as const);
  return Object.fromEntries(lines.filter((entry): entry is [string, string] => entry[1] !== undefined));
}
