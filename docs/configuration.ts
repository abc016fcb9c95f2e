/** `docs/configuration.md`, and the settings of the editor, from the catalogue and the roles that a config can name. */
import { levels } from "../server/src/config/config.js";
import { configFileName } from "../server/src/config/file-name.js";
import { callableRoles, typeRoles } from "../server/src/config/models.js";
import { configurableRules } from "../server/src/config/rules.js";

export function configurationPage(): string {
  const rules = configurableRules.map(
    ({ name, severity, summary }) => `| [\`${name}\`](rules/${name}.md) | ${severity} | ${summary} |`,
  );
  const callables = Object.entries(callableRoles).map(([word, { description }]) => `| \`${word}\` | ${description} |`);
  const types = Object.entries(typeRoles).map(([word, description]) => `| \`${word}\` | ${description} |`);
  return `# Configuration

\`${configFileName}\` says how the code below its folder is checked, on the command line and in the editor alike. The nearest
one above a file counts, and no other. Comments and trailing commas are fine, and what is not understood is refused with
its place. Its [schema](../server/schema/fearless-threads.config.schema.json) is known to the extension for Visual Studio
Code.

\`\`\`json
{
  "rules": { "unjoined-handle": "error", "bare-suppression": "off" },
  "ignore": ["generated/", "*.gen.ts"],
  "models": [
    { "package": "our-threads", "callables": { "start": "spawn", "Job.done": "join" }, "types": { "Job": "handle" } }
  ]
}
\`\`\`

## rules

What each rule reports its findings as: ${levels.map((level) => `\`${level}\``).join(", ")}. In the editor this goes before the setting
\`fearlessThreads.rules\`.

| rule | default | what it finds |
|---|---|---|
${rules.join("\n")}

## ignore

Files and folders to leave out, as in a \`.gitignore\` that lies beside the config. It counts also for files that are named on
the command line, and for those that are open in the editor.

## staticItems

\`true\` says that the program is started or built with [static items](../README.md#static-items), so that closures on threads
have the imports, functions, classes and constants of their file. Then \`capture-without-move\` reports only what they have
not, and \`fearless-threads run\` and the editor's ▶ start the program with them.

## models

What exports mean that the analyser does not know: those of a library, by its \`package\`, or of a \`file\` of your own,
relative to the config. Functions are named as they are exported (\`start\`), methods behind their class or interface
(\`Job.done\`), constructors behind \`new\` (\`new Lock\`). A role that you give counts before what is built in, and before
what the analyser could find out itself. Files that import one of these packages or files are checked.

| role of a callable | what it says |
|---|---|
${callables.join("\n")}

| role of a type | what it says |
|---|---|
${types.join("\n")}

## In the code

\`// fearless-threads-ignore <rule>: <reason>\` silences a rule on its line, or on the next where it stands alone;
\`// fearless-threads-ignore-file <rule>: <reason>\` in the whole file. One without a reason, and one that silences nothing,
are findings themselves.`;
}

const levelDescriptions: Readonly<Record<(typeof levels)[number], string>> = {
  off: "Never report it.",
  hint: "Advice: three dots under the code.",
  info: "A note.",
  warning: "Probably a bug.",
  error: "Certainly a bug.",
};

interface Manifest {
  readonly contributes: {
    readonly configuration: { readonly properties: Readonly<Record<string, { properties?: object }>> };
  };
}

/** The manifest with the setting of each rule as the catalogue has it. */
export function manifestWithRules(text: string): string {
  const manifest = JSON.parse(text) as Manifest;
  const setting = manifest.contributes.configuration.properties["fearlessThreads.rules"];
  if (setting === undefined) throw new Error("the manifest has no setting fearlessThreads.rules");
  setting.properties = Object.fromEntries(
    configurableRules.map(({ name, severity, summary }) => [
      name,
      {
        type: "string",
        enum: levels,
        enumDescriptions: levels.map((level) => levelDescriptions[level]),
        default: severity,
        markdownDescription: `${summary}.`,
      },
    ]),
  );
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}
