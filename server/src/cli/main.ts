/** The command line. What there is to be told is in `program.ts`; what the commands do is in files of their own. */
import { ConfigError } from "../config/config.js";
import { CompilerUnavailable } from "../typescript/compiler/unavailable.js";
import { UsageError } from "./check-options.js";
import { createProgram } from "./program.js";

/** `NO_COLOR` and `FORCE_COLOR` as everywhere (https://no-color.org). */
function wantsColors(): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  if (NO_COLOR !== undefined && NO_COLOR !== "") return false;
  // Where there is no terminal, `isTTY` is undefined, whatever its type says.
  return process.stdout.isTTY === true && TERM !== "dumb";
}

/** `| head` closes the pipe when it has seen enough: that is no failure. */
function endQuietlyOnClosedPipe(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
      throw error;
    });
  }
}

/** Runs a command's body: its number is the exit code, and what stops it is said in one sentence, with code 2. */
async function run(body: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await body();
  } catch (error) {
    process.exitCode = 2;
    if (error instanceof ConfigError || error instanceof CompilerUnavailable || error instanceof UsageError) {
      process.stderr.write(`fearless-threads: ${error.message}\n`);
    } else {
      process.stderr.write(`fearless-threads: this should not happen, please report it\n${describe(error)}\n`);
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

const program = createProgram({
  check: (paths, { color, ...flags }) =>
    run(async () => {
      if (flags.updateBaseline && flags.baseline === undefined) {
        throw new UsageError("--update-baseline needs --baseline <file>, to say which one");
      }
      const options = { ...flags, paths, cwd: process.cwd(), colors: color ?? wantsColors() };
      if (flags.watch) return (await import("./watch.js")).runWatch(options);
      return (await import("./check.js")).runCheck(options);
    }),
  explain: (subject) => run(async () => (await import("./explain.js")).explain({ subject, colors: wantsColors() })),
  dump: (file) => run(async () => (await import("./dump.js")).dump(file, process.cwd())),
  run: (file, args) => run(async () => (await import("./run.js")).runCommand({ file, args, cwd: process.cwd() })),
  lsp: async () => void (await import("../lsp/main.js")),
});

endQuietlyOnClosedPipe();
await program.parseAsync();
