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
    reporter: "spec",
    color: false,
    timeout: 60_000,
    slow: 5000,
    ...(grep ? { grep } : {}),
  });
  // The tests register themselves with the globals that `pre-require` sets.
  mocha.suite.emit("pre-require", globalThis, "suite", mocha);
  // @ts-expect-error: the bundler makes this module of all test files.
  await import("tests:all");
  mocha.suite.beforeAll("the extension has started", async function () {
    // A cold start is not what the first test is about.
    this.timeout(120_000);
    const { document } = await openFile('import { thread } from "fearless-threads";\nthread.spawn(() => 1);\n');
    await until("the first finding", () => findings(document).length > 0, 100_000);
    await closeAll();
  });
  await new Promise<void>((resolve, reject) => {
    mocha.run((failures) => (failures === 0 ? resolve() : reject(new Error(`${failures} tests failed`))));
  });
}
