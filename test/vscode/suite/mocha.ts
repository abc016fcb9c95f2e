/** Runs the suite inside the extension host. */
import { appendFileSync } from "node:fs";
import { format } from "node:util";
import Mocha from "mocha";
import { closeAll, findings, openFile, until } from "./editor.js";

/** What VS Code calls; a rejection is the exit code 1. */
export async function run(): Promise<void> {
  const { FEARLESS_THREADS_TEST_GREP: grep, FEARLESS_THREADS_TEST_REPORT: report } = process.env;
  if (report === undefined) throw new Error("FEARLESS_THREADS_TEST_REPORT must name the file to report to");
  // The console of the extension host is VS Code's own, which has much to say.
  Mocha.reporters.Base.consoleLog = (...args) => appendFileSync(report, `${format(...args)}\n`);
  const mocha = new Mocha({
    ui: "bdd",
    reporter: process.env.CI ? dots(report) : "spec",
    color: false,
    // A test that takes so long has hung: what it waits for has a patience of its own.
    timeout: 240_000,
    slow: 5000,
    ...(grep ? { grep } : {}),
  });
  // The tests register themselves with the globals that `pre-require` sets.
  mocha.suite.emit("pre-require", globalThis, "suite", mocha);
  // @ts-expect-error: the bundler makes this module of all test files.
  await import("tests:all");
  // A cold start is not what the first test is about.
  mocha.suite.beforeAll("the extension has started", async () => {
    const { document } = await openFile('import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n');
    await until("the first finding", () => findings(document).length > 0, 200_000);
    await closeAll();
  });
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => (failures === 0 ? resolve() : reject(new Error(`${failures} tests failed`))));
  });
}

/** A dot for each test, where nobody watches; mocha's own dots go to a stream that VS Code keeps for itself. */
function dots(report: string): typeof Mocha.reporters.Base {
  return class extends Mocha.reporters.Base {
    constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
      super(runner, options);
      runner.on("pass", () => appendFileSync(report, "."));
      runner.on("fail", () => appendFileSync(report, "!"));
      runner.once("end", () => this.epilogue());
    }
  };
}
