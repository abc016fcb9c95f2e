/** The extension's manifest says what the code does. */
import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { configurableRules } from "../../../server/src/config/rules.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly activationEvents: readonly string[];
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration: { readonly properties: Record<string, Setting> };
    readonly snippets: readonly { readonly path: string }[];
    readonly grammars: readonly { readonly path: string; readonly scopeName: string }[];
    readonly jsonValidation: readonly { readonly url: string }[];
    readonly walkthroughs: readonly { readonly id: string; readonly steps: readonly Step[] }[];
  };
}

interface Step {
  readonly id: string;
  readonly description: string;
  readonly media: { readonly markdown: string };
  readonly completionEvents: readonly string[];
}

interface Setting {
  readonly description?: string;
  readonly markdownDescription?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly properties?: Record<string, Setting>;
}

const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as Manifest;
const { commands, configuration, snippets, grammars, jsonValidation, walkthroughs } = manifest.contributes;

function sourcesOf(folder: string): string {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(join(root, folder, path), "utf8"))
    .join("\n");
}

describe("manifest", () => {
  const client = sourcesOf("client/src");

  it("settings list every rule that can be configured with its default level, and no other", () => {
    const listed = configuration.properties["fearlessThreads.rules"]?.properties ?? {};
    assert.deepEqual(Object.keys(listed).sort(), configurableRules.map(({ name }) => name).sort());
    for (const { name, severity } of configurableRules) {
      assert.equal(listed[name]?.default, severity, name);
      assert.deepEqual(listed[name]?.enum, ["off", "hint", "info", "warning", "error"]);
    }
  });

  it("every setting is described, and read somewhere", () => {
    const read = client + sourcesOf("server/src/lsp");
    for (const [name, { description, markdownDescription }] of Object.entries(configuration.properties)) {
      assert.ok(description ?? markdownDescription, `${name} is described`);
      // The language client reads its trace setting by itself, by the section its id names.
      if (name === "fearlessThreads.trace.server") continue;
      assert.ok(read.includes(name.split(".").at(-1) ?? name), `${name} is read`);
    }
  });

  it("every command is registered, and every registered command is listed", () => {
    const registered = [...client.matchAll(/"(fearlessThreads\.\w+)": (?:async )?\(/g)].map((match) => match[1]);
    assert.deepEqual(commands.map(({ command }) => command).sort(), registered.sort());
  });

  it("every file it names exists", () => {
    const paths = [...snippets, ...grammars].map(({ path }) => path).concat(jsonValidation.map(({ url }) => url));
    for (const path of [manifest.main, manifest.icon, ...paths]) assert.ok(existsSync(join(root, path)), path);
    for (const { path, scopeName } of grammars) {
      assert.equal(JSON.parse(readFileSync(join(root, path), "utf8")).scopeName, scopeName);
    }
  });

  describe("the walkthrough", () => {
    const steps = walkthroughs.flatMap(({ steps }) => steps);
    const pages = steps.map(({ media }) => readFileSync(join(root, media.markdown), "utf8"));
    const links = [...steps.map(({ description }) => description), ...pages].flatMap((text) =>
      [...text.matchAll(/\(command:([\w.]+)(?:\?([^)\s]*))?\)/g)].map(([, command = "", argument]) => ({
        command,
        argument: argument === undefined ? undefined : (JSON.parse(decodeURIComponent(argument)) as string[])[0],
      })),
    );
    const lessons = ["lessons", "pitfalls"].flatMap((folder) =>
      readdirSync(join(root, "examples", folder)).map((file) => file.replace(/\.ts$/, "")),
    );

    it("is the one that the command opens", () => {
      assert.deepEqual(
        walkthroughs.map(({ id }) => id),
        ["start"],
      );
      assert.match(client, /context\.extension\.id\}#start`/);
    });

    it("leads to commands that are there, and to every lesson and pitfall", () => {
      const known = commands.map(({ command }) => command);
      for (const { command } of links) assert.ok(known.includes(command), command);
      const led = new Set(links.filter(({ command }) => /Lesson$|Pitfall$/.test(command)).map((link) => link.argument));
      assert.deepEqual([...led].sort(), lessons.sort());
    });

    it("leads to concepts that are there", () => {
      const named = links.filter(({ command }) => command.endsWith("explainConcept"));
      assert.ok(named.length > 0);
      for (const { argument } of named) {
        if (argument !== undefined) assert.ok(existsSync(join(root, `server/src/concepts/${argument}.md`)), argument);
      }
    });

    it("has steps that tick themselves off by something that happens", () => {
      for (const { id, completionEvents } of steps) {
        assert.ok(completionEvents.length > 0, id);
        for (const event of completionEvents) {
          const [kind, what = ""] = event.split(":");
          if (kind === "onCommand") assert.ok(commands.some(({ command }) => command === what));
          else {
            assert.equal(kind, "onContext");
            const done = what.replace("fearlessThreads.did.", "");
            assert.ok(done === "lessons" || lessons.includes(done), event);
          }
        }
      }
    });
  });

  it("it starts with the four languages, and with nothing else", () => {
    const languages = ["javascript", "javascriptreact", "typescript", "typescriptreact"];
    assert.deepEqual(
      [...manifest.activationEvents].sort(),
      languages.map((language) => `onLanguage:${language}`),
    );
  });
});
