/** The command line. Commands are wired here; what they do is in files of their own. */
import { Command, Option } from "commander";
import { ConfigError } from "../config/config.js";
import { CompilerUnavailable } from "../typescript/compiler/unavailable.js";
import { version } from "../version.js";
import { type FailLevel, type Format, failLevels, formats } from "./check.js";

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
    if (error instanceof ConfigError || error instanceof CompilerUnavailable) {
      process.stderr.write(`fearless-threads: ${error.message}\n`);
    } else {
      process.stderr.write(`fearless-threads: this should not happen, please report it\n${describe(error)}\n`);
    }
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

interface CheckFlags {
  readonly format: Format;
  readonly fix: boolean;
  readonly failOn: FailLevel;
}

const program = new Command("fearless-threads")
  .description("Finds thread mistakes in TypeScript and JavaScript, explains them and fixes them.")
  .version(version(), "-V, --version")
  // What follows `run <file>` belongs to the program that runs.
  .enablePositionalOptions()
  .showHelpAfterError("(fearless-threads --help shows what there is)")
  // 1 means findings, so wrong usage has another code.
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));

program
  .command("check")
  .description("check files, folders and globs")
  .argument("<paths...>", "files, folders or globs; .gitignore, node_modules and dist are left out unless named")
  .addOption(new Option("--format <format>", "how findings are printed").choices(formats).default("text"))
  .option("--fix", "apply the preferred fixes and write the files", false)
  .addOption(new Option("--fail-on <level>", "exit with 1 from this level on").choices(failLevels).default("warning"))
  .addHelpText(
    "after",
    `
Exit codes: 0 nothing found, 1 findings, 2 could not run.

Examples:
  fearless-threads check src
  fearless-threads check src --fix
  fearless-threads check "packages/*/src/**/*.ts" --format sarif > threads.sarif
  fearless-threads check . --fail-on error`,
  )
  .action((paths: readonly string[], flags: CheckFlags) =>
    run(async () => {
      const { runCheck } = await import("./check.js");
      return runCheck({ ...flags, paths, cwd: process.cwd(), colors: wantsColors() });
    }),
  );

program
  .command("explain")
  .description("print the page of a rule or a concept; without one, list them")
  .argument("[subject]", "such as unjoined-handle or join")
  .action((subject: string | undefined) =>
    run(async () => {
      const { explain } = await import("./explain.js");
      return explain({ subject, colors: wantsColors() });
    }),
  );

program
  .command("dump")
  .description("print the middle form of a file, for whoever writes a rule")
  .argument("<file>")
  .action((file: string) =>
    run(async () => {
      const { dump } = await import("./dump.js");
      return dump(file, process.cwd());
    }),
  );

program
  .command("run")
  .description("run a file on real workers, TypeScript as it is")
  .argument("<file>")
  .argument("[args...]", "what the program finds in process.argv")
  .passThroughOptions()
  .action((file: string, args: readonly string[]) =>
    run(async () => {
      const { runCommand } = await import("./run.js");
      return runCommand({ file, args, cwd: process.cwd() });
    }),
  );

program
  .command("lsp")
  .description("start the language server")
  .option("--stdio", "talk over standard input and output", true)
  .allowUnknownOption()
  .action(async () => {
    await import("../lsp/main.js");
  });

program.addHelpText(
  "after",
  `
Examples:
  fearless-threads check src
  fearless-threads explain unjoined-handle
  fearless-threads run src/main.ts
  fearless-threads lsp --stdio`,
);

endQuietlyOnClosedPipe();
await program.parseAsync();
