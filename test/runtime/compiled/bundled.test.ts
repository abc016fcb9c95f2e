import assert from "node:assert/strict";
import * as esbuild from "esbuild";
import { Workspace } from "../process.js";

const program = `
import { move, thread } from "fearless-threads";
export const run = async () => {
  const slept = thread.spawn(move(1), async (n) => {
    const { mpsc, thread } = await import("fearless-threads");
    await thread.sleep(1);
    const [tx, rx] = mpsc.channel<number>();
    tx.send(n + thread.current().id).unwrap();
    return rx.recvSync().unwrap() > 1;
  });
  const other = thread.spawn(async () => {
    const { fill } = await import("./own.js");
    return fill;
  });
  console.log(JSON.stringify([(await slept.join()).unwrap(), (await other.join()).mapErr(String)]));
};
run();
`;

/** It looks like the library to who looks at one name only. */
const own =
  'export const move = () => 1;\nexport const fill = move() + Math.random();\nexport { thread } from "fearless-threads";\n';

describe("a program that is bundled into one file, with the library", function () {
  this.timeout(60_000);
  const workspace = new Workspace();
  after(() => workspace.remove());

  const setups: Readonly<Record<string, esbuild.BuildOptions>> = {
    "as a module": { format: "esm" },
    "as a module, minified": { format: "esm", minify: true },
    "as CommonJS": { format: "cjs" },
    "as CommonJS, minified": { format: "cjs", minify: true },
    "for ES2017": { format: "esm", target: "es2017" },
  };
  for (const [name, options] of Object.entries(setups)) {
    it(`has the library in its threads, and says what no thread can have: ${name}`, async () => {
      workspace.write("program.ts", program);
      workspace.write("own.ts", own);
      const file = `out/${name.replace(/\W+/g, "-")}.${options.format === "cjs" ? "cjs" : "mjs"}`;
      await esbuild.build({
        absWorkingDir: workspace.folder,
        entryPoints: ["program.ts"],
        outfile: file,
        bundle: true,
        platform: "node",
        target: "node20",
        logLevel: "error",
        ...options,
      });
      const ended = await workspace.node(file);
      const [slept, other] = JSON.parse(ended.stdout || "[]") as [unknown, { readonly error?: string }];
      assert.equal(slept, true, ended.stderr);
      assert.match(other.error ?? "", /a bundler has turned the import inside the closure into `[\w$]+` of the bundle/);
    });
  }
});
