import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { basename, dirname } from "node:path";
import { promisify } from "node:util";
import { findExecutable } from "../../server/src/typescript/compiler/executable.js";
import { bundle } from "../support/bundle.js";
import { type Folder, makeFolder } from "../support/folder.js";

const run = promisify(execFile);

describe("the adapter in a bundle", () => {
  let script = "";
  let folder: Folder;
  before(async () => {
    script = await bundle("test/typescript/processes/asker.ts");
  });
  beforeEach(() => {
    folder = makeFolder({ "a.ts": 'import { readFileSync } from "node:fs"; const a = new Map([[1, "x"]]);' });
  });
  afterEach(() => folder.remove());

  it("lets the process end once it is closed", async () => {
    const closer = await bundle("test/typescript/processes/closer.ts");
    const { stdout } = await run(process.execPath, [closer, folder.path("a.ts")]);
    assert.equal(stdout, "2 statements\n");
  });

  const ask = async (path: string, env: NodeJS.ProcessEnv = {}) => {
    const { stdout } = await run(process.execPath, [path, folder.path("a.ts")], { env: { ...process.env, ...env } });
    return stdout.trim();
  };

  it("finds the compiler of node_modules", async () =>
    assert.match(await ask(script), /^Map .*node_modules.* typescript$/));

  it("finds the compiler that ships beside it, where there are no node_modules", async () => {
    const shipped = folder.path("dist/asker.mjs");
    mkdirSync(folder.path("dist/compiler"), { recursive: true });
    cpSync(script, shipped);
    const from = dirname(findExecutable(undefined));
    for (const name of readdirSync(from)) {
      // It looks for the default library where it lies itself.
      if (name.endsWith(".d.ts")) cpSync(`${from}/${name}`, folder.path(`dist/compiler/${name}`));
    }
    cpSync(findExecutable(undefined), folder.path(`dist/compiler/${basename(findExecutable(undefined))}`));
    assert.ok(existsSync(folder.path("dist/compiler/lib.d.ts")));
    assert.match(await ask(shipped), new RegExp(`^Map ${folder.path("dist/compiler")}`));
  });

  it("finds the compiler that the environment names", async () => {
    const link = folder.path("elsewhere");
    symlinkSync(findExecutable(undefined), link);
    assert.match(await ask(script, { FEARLESS_THREADS_TSC: link }), /^Map .* typescript$/);
  });

  it("says what to do where there is none", async () => {
    await assert.rejects(
      ask(script, { FEARLESS_THREADS_TSC: "/nowhere/tsc" }),
      /There is no TypeScript compiler at \/nowhere\/tsc/,
    );
  });
});
