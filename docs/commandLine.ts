/** `docs/command-line.md`, from the definitions that the command line is made of. */
import { checkNotes, createProgram, programExamples } from "../server/src/cli/program.js";

type Command = ReturnType<typeof createProgram>;

const unused = async (): Promise<void> => {};

export function commandLinePage(): string {
  const program = createProgram({ check: unused, explain: unused, dump: unused, run: unused, lsp: unused });
  const sections = program.commands.map((command) => {
    const notes = command.name() === "check" ? `\n\n${fenced(checkNotes)}\n\n${checkGuide}` : "";
    return `## ${command.name()}\n\n${sentence(command.description())}\n\n${fenced(usageOf(command))}\n\n${tablesOf(command)}${notes}`;
  });
  return [
    "# The command line",
    sentence(program.description()),
    fenced(programExamples.replace(/^Examples:\n/, "").replace(/^ {2}/gm, "")),
    "What `check` reports, what it leaves out and what your own wrappers mean is said in a config: [Configuration](configuration.md).",
    ...sections.map((section) => section.trim()),
  ].join("\n\n");
}

function usageOf(command: Command): string {
  return `fearless-threads ${command.name()} ${command.usage()}`.trim();
}

function tablesOf(command: Command): string {
  const help = command.createHelp();
  const given = command.registeredArguments.map((argument) => {
    const shown = argument.required
      ? `<${argument.name()}${argument.variadic ? "..." : ""}>`
      : `[${argument.name()}${argument.variadic ? "..." : ""}]`;
    return [`\`${shown}\``, help.argumentDescription(argument)];
  });
  const options = help
    .visibleOptions(command)
    .filter(({ long }) => long !== "--help")
    .map((option) => [`\`${option.flags}\``, help.optionDescription(option)]);
  return [table("argument", given), table("option", options)].filter((text) => text !== "").join("\n\n");
}

function table(head: string, rows: readonly (readonly string[])[]): string {
  if (rows.every(([, text]) => text === "")) return "";
  const lines = rows.map(([name = "", text = ""]) => `| ${name} | ${text.replaceAll("|", "\\|")} |`);
  return [`| ${head} | what it does |`, "|---|---|", ...lines].join("\n");
}

function fenced(text: string): string {
  return `\`\`\`text\n${text}\n\`\`\``;
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1);
  return whole.endsWith(".") ? whole : `${whole}.`;
}

/** What flags alone do not say. */
const checkGuide = `### Which files

Folders are walked; links to folders are not followed. What is named behind a \`!\`, as in \`"!**/*.spec.ts"\`, is taken out
again. \`node_modules\`, \`dist\`, folders that begin with a dot and what
\`.gitignore\` names are left out, unless they are named themselves. What the \`ignore\` of a
[config](configuration.md) names is left out always, in the editor too. In a workspace every file is checked by the
tsconfig nearest to it, as its own package would; files that no tsconfig has are checked as well.

\`--changed-since <ref>\` takes the files that differ from where the branch left the ref: committed, staged, changed and
untracked ones, and every file that imports one of them, directly or through others. A finding moves from file to file
only along imports: what a function does with a handle shows where the function is called. Below a tsconfig, a
package.json, a declaration file or a config that changed, every file is taken.

\`--shard i/n\` divides what would be checked into n parts that are disjoint and together the whole. Neighbours stay
together, so that a part loads few projects.

### The cache

A file whose outcome cannot have changed since the last check is not checked again, and where this holds for all files, no
compiler is started. Outcomes are kept below the nearest \`node_modules/.cache\`; where there is no \`node_modules\`, only if
\`--cache-location\` names a place. \`--no-cache\` does without. An outcome counts for as long as these are the same: the program and its compiler, the config, the
text of the file and of all it imports, the tsconfig with what it extends and refers to, declarations that count without
being imported, and the packages that are used. The file is written in one step, and one that is damaged or of another
version is taken for none.

### A baseline, for code that is older than the check

\`\`\`text
fearless-threads check . --baseline threads-baseline.json --update-baseline   once: accept what is there
fearless-threads check . --baseline threads-baseline.json                     from then on: report what is new
\`\`\`

A finding is recognised by its file, its rule and the text of its line without regard to blanks, and counted where lines
are the same. So code may move within its file, and a second mistake of the same kind is new. Entries that nothing matches
any more are said; \`--update-baseline\` takes them out, and leaves the entries of files that it did not check. Files are named
relative to the baseline, which is made to be committed.`;
