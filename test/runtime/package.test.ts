import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { sizeOf } from "../../runtime/size.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const runtime = join(root, "runtime");
const exec = promisify(execFile);

/** Further Nodes to try the package with, as paths beside each other; the one that runs the tests is always tried. */
const nodes = [process.execPath, ...(process.env.FEARLESS_THREADS_NODES ?? "").split(delimiter).filter(Boolean)];

async function npm(cwd: string, ...args: string[]): Promise<string> {
  const { stdout } = await exec("npm", [...args, "--loglevel=error", "--no-audit", "--no-fund"], { cwd });
  return stdout;
}

describe("the package", function () {
  this.timeout(120_000);
  let folder: string;
  let tarball: string;

  before(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), "fearless-threads-package-")));
    await npm(runtime, "pack", "--pack-destination", folder);
    tarball = join(folder, readdirSync(folder).find((name) => name.endsWith(".tgz")) ?? "");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    await npm(folder, "install", "--offline", tarball);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it("is what publint asks for", async () => {
    const { messages, pkg } = await publint({
      pack: { tarball: new Uint8Array(readFileSync(tarball)).buffer },
      strict: true,
    });
    assert.deepEqual(
      messages.map((message) => formatMessage(message, pkg)),
      [],
    );
  });

  it("has the types that @arethetypeswrong/cli asks for", async () => {
    const attw = join(root, "node_modules/@arethetypeswrong/cli/dist/index.js");
    const args = [attw, tarball, "--profile", "esm-only", "--no-emoji", "--format", "ascii"];
    const { stdout } = await exec(process.execPath, args, { cwd: folder });
    assert.match(stdout, /\bbundler: OK/); // It exits with 1 where it finds a problem.
  });

  it("needs no other package", () => {
    const manifest = JSON.parse(readFileSync(join(folder, "node_modules/fearless-threads/package.json"), "utf8"));
    assert.deepEqual(
      ["dependencies", "peerDependencies", "optionalDependencies", "bundledDependencies"].filter(
        (key) => key in manifest,
      ),
      [],
    );
    assert.deepEqual(
      readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith(".")),
      ["fearless-threads"],
    );
  });

  for (const node of nodes) {
    it(`runs where it was installed, with ${node === process.execPath ? "this Node" : node}`, async () => {
      const program = `
        import { Arc, Mutex, move, thread } from "fearless-threads";
        const sum = Arc.new(new Mutex(40));
        const handle = thread.spawn(move(sum.clone()), async (sum) => {
          const { thread } = await import("fearless-threads");
          const guard = (await sum.lock()).unwrap();
          guard.value += thread.current().id === 0 ? 0 : 2;
          guard[Symbol.dispose]();
        });
        (await handle.join()).unwrap();
        console.log((await sum.lock()).unwrap().value);`;
      writeFileSync(join(folder, "program.js"), program);
      const { stdout, stderr } = await exec(node, ["program.js"], { cwd: folder });
      assert.deepEqual([stdout, stderr], ["42\n", ""]);
      writeFileSync(
        join(folder, "program.cjs"),
        `import("fearless-threads").then(({ thread }) => console.log(typeof thread.spawn));`,
      );
      const common = await exec(node, ["program.cjs"], { cwd: folder });
      assert.equal(common.stdout, "function\n");
    });
  }

  it("has modules for browsers that name nothing of Node's", () => {
    const browser = join(folder, "node_modules/fearless-threads/dist/browser");
    const files = readdirSync(browser, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".js"));
    assert.ok(files.length > 40);
    for (const file of files) {
      assert.doesNotMatch(readFileSync(join(browser, file), "utf8"), /\bfrom\s*["']node:|import\(["']node:/, file);
    }
  });

  it("gives a page only what it uses", async () => {
    const { modules, compressed } = await sizeOf('export { Mutex } from "fearless-threads"');
    const launcher = /\/(thread\/(launch|spawn|pool)|worker\/slot|browser\/(source|worker)|mpsc\/\w+)\.js$/;
    assert.deepEqual(
      modules.filter((module) => launcher.test(module)),
      [],
    );
    assert.ok(modules.some((module) => module.endsWith("/sync/mutex.js")));
    const everything = await sizeOf('export * from "fearless-threads"');
    assert.ok(everything.modules.some((module) => module.endsWith("/browser/source.js")));
    assert.ok(compressed * 4 < everything.compressed, `${compressed} of ${everything.compressed} bytes`);
  });
});
