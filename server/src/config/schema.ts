/** The JSON schema of the config, made from the catalogue. `npx tsx server/src/config/write-schema.ts` writes it. */
import { levels } from "./config.js";
import { modelsSchema } from "./models.js";
import { configurableRules } from "./rules.js";

function configSchema(): object {
  return {
    $schema: "http://json-schema.org/draft-07/schema#",
    title: "Fearless Threads",
    description: "Settings of the Fearless Threads analyser. The nearest file above a source file counts.",
    type: "object",
    additionalProperties: false,
    properties: {
      $schema: { type: "string" },
      rules: rulesSchema(),
      ignore: {
        type: "array",
        description: "Files and folders to leave out, as in a .gitignore that lies beside this file.",
        items: { type: "string" },
      },
      models: modelsSchema(),
      staticItems: {
        type: "boolean",
        description:
          "Whether the program is built or started with static items, so that closures on threads have the imports, functions, classes and constants of their file. `fearless-threads run` turns them on as well.",
        default: false,
      },
    },
  };
}

/** Also the schema of the editor's `fearlessThreads.rules` setting. */
function rulesSchema(): object {
  return {
    type: "object",
    description: "What each rule reports its findings as. Rules that are not named have their default.",
    additionalProperties: false,
    properties: Object.fromEntries(
      configurableRules.map(({ name, summary, severity }) => [
        name,
        { description: summary, enum: [...levels], default: severity },
      ]),
    ),
  };
}

export function schemaText(): string {
  return `${shortLists(JSON.stringify(configSchema(), undefined, 2))}\n`;
}

/** Puts each list of names on one line where it fits, as the project's formatter does. */
function shortLists(json: string): string {
  return json.replace(
    /^(.*)\[((?:\s+"[^"\n]*",?)+)\s+\](,?)$/gm,
    (long: string, before: string, names: string, comma: string) => {
      const line = `${before}[${names
        .trim()
        .split(/\s*\n\s*/)
        .join(" ")}]${comma}`;
      return line.length <= 120 ? line : long;
    },
  );
}
