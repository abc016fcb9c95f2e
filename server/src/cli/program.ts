/** The commands and their options, as data for whoever runs them or writes about them. */
import { Command, InvalidArgumentError, Option } from "commander";
import { version } from "../version.js";
import { type CheckOptions, failLevels, formats } from "./check-options.js";
import { parseShard } from "./shard.js";

/** What `check` is told by flags. */
export type CheckFlags = Omit<CheckOptions, "paths" | "cwd" | "colors"> & {
  /** Undefined where neither `--color` nor `--no-color` was given. */
  readonly color: boolean | undefined;
};

/** What the commands do. */
export interface Actions {
  check(paths: readonly string[], flags: CheckFlags): Promise<void>;
  explain(subject: string | undefined): Promise<void>;
  dump(file: string): Promise<void>;
  run(file: string, args: readonly string[]): Promise<void>;
  lsp(): Promise<void>;
}

export function createProgram(actions: Actions): Command {
  const program = new Command("fearless-threads")
    .description("Finds thread mistakes in TypeScript and JavaScript, explains them and fixes them.")
    .version(version(), "-V, --version")
    // What follows `run <file>` belongs to the program that runs.
    .enablePositionalOptions()
    .showHelpAfterError("(fearless-threads --help shows what there is)")
    // 1 means findings, so wrong usage has another code.
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2));
  addCheck(program, actions);
  program
    .command("explain")
    .description("print the page of a rule or a concept; without one, list them")
    .argument("[subject]", "such as unjoined-handle or join")
    .action((subject: string | undefined) => actions.explain(subject));
  program
    .command("dump")
    .description("print the middle form of a file, for whoever writes a rule")
    .argument("<file>")
    .action((file: string) => actions.dump(file));
  program
    .command("run")
    .description("run a file on real workers, TypeScript as it is")
    .argument("<file>")
    .argument("[args...]", "what the program finds in process.argv")
    .passThroughOptions()
    .action((file: string, args: readonly string[]) => actions.run(file, args));
  program
    .command("lsp")
    .description("start the language server")
    .option("--stdio", "talk over standard input and output", true)
    .allowUnknownOption()
    .action(() => actions.lsp());
  return program.addHelpText("after", `\n${programExamples}`);
}

export const programExamples = `Examples:
  fearless-threads check src
  fearless-threads explain unjoined-handle
  fearless-threads run src/main.ts
  fearless-threads lsp --stdio`;

/** What the exit code of `check` says, and how it is used. */
export const checkNotes = `Exit codes: 0 nothing found, 1 findings, 2 could not run.

Examples:
  fearless-threads check src
  fearless-threads check src --fix
  fearless-threads check "packages/*/src/**/*.ts" --format sarif > threads.sarif
  fearless-threads check . --fail-on error
  fearless-threads check . --changed-since origin/main
  fearless-threads check . --shard 2/4`;

function addCheck(program: Command, actions: Actions): void {
  program
    .command("check")
    .description("check files, folders and globs")
    .argument(
      "[paths...]",
      "files, folders or globs, and `!` before what to leave out; .gitignore, node_modules and dist are left out unless named",
      ["."],
    )
    .addOption(new Option("--format <format>", "how findings are printed").choices(formats).default("text"))
    .option("--fix", "apply the preferred fixes and write the files", false)
    .addOption(new Option("--fail-on <level>", "exit with 1 from this level on").choices(failLevels).default("warning"))
    .addOption(
      new Option("--max-warnings <n>", "exit with 1 for more warnings than this, and not for fewer").argParser(count),
    )
    .option("--quiet", "print errors only", false)
    .option(
      "--changed-since <ref>",
      "only files that differ from where the branch left this git ref, and what imports them",
    )
    .option("--no-cache", "check every file anew, and keep nothing for the next run")
    .option("--cache-location <file>", "where outcomes are kept (default: below the nearest node_modules/.cache)")
    .addOption(
      new Option("--jobs <n>", "how many threads check, each with a compiler of its own")
        .argParser((text) => (text === "auto" ? text : positive(text)))
        .default("auto"),
    )
    .addOption(new Option("--shard <i/n>", "only one of n parts, which together are the whole").argParser(parseShard))
    .option("--baseline <file>", "do not report the findings that this file lists")
    .option("--update-baseline", "write the findings of this run to the baseline", false)
    .addOption(
      new Option("--watch", "check again whenever a file changes, until Ctrl-C")
        .default(false)
        .conflicts(["fix", "updateBaseline"]),
    )
    .option("--stdin-filename <file>", "check what comes on standard input, as if it were this file")
    .option("--color", "print colours (default: on a terminal)")
    .option("--no-color", "print no colours")
    .addHelpText("after", `\n${checkNotes}`)
    .action((paths: readonly string[], flags: CheckFlags) => actions.check(paths, flags));
}

function count(text: string): number {
  if (!/^\d+$/.test(text)) throw new InvalidArgumentError("Expected a whole number.");
  return Number(text);
}

function positive(text: string): number {
  const number = count(text);
  if (number < 1) throw new InvalidArgumentError("Expected 1 or more.");
  return number;
}
