import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { type Compiler, type CompilerOptions, createCompiler } from "../../server/src/typescript/compiler/compiler.js";
import { executableVariable, findExecutable } from "../../server/src/typescript/compiler/executable.js";
import { CompilerUnavailable } from "../../server/src/typescript/compiler/unavailable.js";
import { bundle } from "../support/bundle.js";
import { makeBusy } from "./processes/busy.js";

let compilers: Compiler[] = [];

function compiler(options: CompilerOptions = {}): Compiler {
  const made = createCompiler(options);
  compilers.push(made);
  return made;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    // What ended stays in the table until its parent, the system's first process, looks at it.
    const state = process.platform === "linux" ? /\) (\w)/.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))?.[1] : "R";
    return state !== "Z";
  } catch {
    return false;
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += 20) {
    if (waited > 10_000) assert.fail(`waited 10 s for ${what}`);
    await sleep(20);
  }
}

function rejectsWith(reason: CompilerUnavailable["reason"]) {
  return (error: unknown) => {
    assert.ok(error instanceof CompilerUnavailable, String(error));
    assert.equal(error.reason, reason, error.message);
    assert.ok(error.message.includes(error.help));
    return true;
  };
}

describe("the compiler process", () => {
  afterEach(async () => {
    await Promise.all(compilers.map((made) => made.close()));
    compilers = [];
  });

  describe("is found", () => {
    it("in node_modules", () => assert.match(findExecutable(undefined), /@typescript.typescript-.*.lib.tsc(\.exe)?$/));

    it("where the environment says", () => {
      const real = findExecutable(undefined);
      process.env[executableVariable] = "/nowhere/tsc";
      try {
        assert.throws(() => findExecutable(undefined), rejectsWith("not-found"));
        assert.equal(findExecutable(real), real);
      } finally {
        delete process.env[executableVariable];
      }
    });

    it("or else the error says where it was looked for", async () => {
      await assert.rejects(compiler({ executable: "/nowhere/tsc" }).session(), (error: unknown) => {
        rejectsWith("not-found")(error);
        assert.match(String(error), /\/nowhere\/tsc/);
        return true;
      });
    });

    it("but is not believed to be one because it can be executed", async () => {
      await assert.rejects(compiler({ executable: "/bin/false" }).session(), rejectsWith("start-failed"));
      await assert.rejects(compiler({ executable: "/bin/true" }).session(), rejectsWith("start-failed"));
      await assert.rejects(compiler({ executable: "/etc/passwd" }).session(), rejectsWith("start-failed"));
    });
  });

  it("is one for all who ask at the same time", async () => {
    const made = compiler();
    const [one, two] = await Promise.all([made.session(), made.session()]);
    assert.equal(one, two);
  });

  it("leaves nothing in the temporary folder while it runs", async () => {
    const own = () => readdirSync(tmpdir()).filter((name) => /^fearless-threads-[A-Za-z0-9]{6}$/.test(name));
    const before = own();
    const session = await compiler().session();
    assert.equal(session.alive, true);
    assert.deepEqual(
      own().filter((name) => !before.includes(name)),
      [],
    );
  });

  it("costs its life when it does not answer in time, and the next one answers", async () => {
    const made = compiler({ deadline: 1000 });
    const first = await made.session();
    await assert.rejects(makeBusy(first), rejectsWith("timeout"));
    await until(() => !isAlive(first.pid), "the busy compiler to be gone");
    const second = await made.session();
    assert.notEqual(second.pid, first.pid);
    const parsed = await second.ask("parse nothing", () => second.api.parseCommandLine(["--strict"]));
    assert.equal(parsed.options.strict, true);
  });

  it("rejects what was asked when it is killed, at once", async () => {
    const made = compiler({ deadline: 60_000 });
    const first = await made.session();
    const questions = [makeBusy(first), makeBusy(first)];
    setTimeout(() => process.kill(first.pid, "SIGKILL"), 100);
    const results = await Promise.allSettled(questions);
    for (const result of results) {
      assert.ok(result.status === "rejected");
      rejectsWith("exited")(result.reason);
    }
    await assert.rejects(
      first.ask("parse", () => first.api.parseCommandLine([])),
      rejectsWith("exited"),
    );
    const second = await made.session();
    assert.ok(await second.ask("parse", () => second.api.parseCommandLine([])));
  });

  it("can be killed again and again", async () => {
    const made = compiler();
    const pids = new Set<number>();
    for (let round = 0; round < 4; round += 1) {
      const session = await made.session();
      pids.add(session.pid);
      process.kill(session.pid, "SIGKILL");
      // Asked in the very moment of its death, before anybody knows.
      await assert.rejects(
        session.ask("parse", () => session.api.parseCommandLine([])),
        rejectsWith("exited"),
      );
    }
    assert.equal(pids.size, 4);
  });

  it("says nothing more once it is closed", async () => {
    const made = compiler();
    const session = await made.session();
    const question = makeBusy(session);
    const rejected = assert.rejects(question, rejectsWith("closed"));
    await made.close();
    await rejected;
    await assert.rejects(made.session(), rejectsWith("closed"));
    await until(() => !isAlive(session.pid), "the compiler to be gone");
  });

  describe("does not outlive us", () => {
    let script = "";
    before(async () => {
      script = await bundle("test/typescript/processes/owner.ts");
    });

    async function owner(mode: "idle" | "busy"): Promise<{ process: ChildProcess; compilerPid: number }> {
      const child = spawn(process.execPath, [script, mode], { stdio: ["pipe", "pipe", "inherit"] });
      let said = "";
      const line = await new Promise<string>((resolve) => {
        child.stdout.setEncoding("utf8").on("data", (text: string) => {
          said += text;
          if (said.includes("\n")) resolve(said);
        });
      });
      const pid = /^pid (\d+)\n$/.exec(line)?.[1];
      assert.ok(pid, `it said ${line}`);
      return { process: child, compilerPid: Number(pid) };
    }

    for (const mode of ["idle", "busy"] as const) {
      for (const signal of ["SIGTERM", "SIGINT", "SIGKILL"] as const) {
        it(`when we get ${signal} and it is ${mode}`, async () => {
          const { process: child, compilerPid } = await owner(mode);
          assert.equal(isAlive(compilerPid), true);
          child.kill(signal);
          await until(() => !isAlive(compilerPid), `compiler ${compilerPid} to be gone`);
        });
      }
      it(`when we call process.exit and it is ${mode}`, async () => {
        const { process: child, compilerPid } = await owner(mode);
        child.stdin?.write("exit\n");
        await until(() => !isAlive(compilerPid), `compiler ${compilerPid} to be gone`);
      });
    }
  });
});
