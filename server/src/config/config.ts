/** `fearless-threads.config.json`: what a project set the rules to. */
import { dirname } from "node:path";
import type { RuleLevels } from "../analysis/analyse.js";
import type { Severity, Span } from "../analysis/diagnostic.js";
import { builtInModels, withModels } from "../analysis/models/all.js";
import type { Models } from "../analysis/models/model.js";
import { configurableNames } from "../analysis/rules/names.js";
import { linesOf, positionAt } from "../render/lines.js";
import { type JsonMember, JsonSyntaxError, type JsonValue, parseJson } from "./json-text.js";
import { readModels } from "./models.js";

export interface Config {
  readonly rules: RuleLevels;
  /** What to leave out, as in a `.gitignore` that lies beside the config. */
  readonly ignore: readonly string[];
  /** The built-in models and those of the config, and whether static items are on. The same object for the same config. */
  readonly models: Models;
  /** Where the config lies and its text: two that are the same mean the same. */
  readonly source: string;
}

export const emptyConfig: Config = { rules: {}, ignore: [], models: builtInModels, source: "" };

export const levels = ["off", "hint", "info", "warning", "error"] as const satisfies readonly (Severity | "off")[];

/** A config that cannot be used. `message` starts with `file:line:column`, counted from 1. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly file: string;
  readonly offset: number;

  constructor(file: string, text: string, offset: number, problem: string) {
    const { line, character } = positionAt(linesOf(text), offset);
    super(`${file}:${line + 1}:${character + 1}: ${problem}`);
    this.file = file;
    this.offset = offset;
  }
}

/**
 * Reads a config's text.
 *
 * @throws {ConfigError} at the first thing in it that is not understood: a misspelt rule would otherwise be on silently.
 */
export function parseConfig(file: string, text: string): Config {
  const refuse = (span: Span, problem: string): never => {
    throw new ConfigError(file, text, span.start, problem);
  };
  const root = parse(file, text);
  if (root.kind !== "object") return refuse(root.span, 'expected an object such as { "rules": { … } }');
  let { rules, ignore, models } = emptyConfig;
  let { staticItems } = models;
  for (const member of root.members) {
    switch (member.key) {
      case "rules":
        rules = readRules(member.value, refuse);
        break;
      case "ignore":
        ignore = readIgnore(member.value, refuse);
        break;
      case "models":
        models = withModels(readModels(member.value, dirname(file), refuse));
        break;
      case "staticItems":
        staticItems = readSwitch(member, refuse);
        break;
      case "$schema":
        break;
      default:
        refuse(
          member.keySpan,
          `unknown setting \`${member.key}\`; there are \`rules\`, \`ignore\`, \`models\` and \`staticItems\``,
        );
    }
  }
  if (staticItems !== models.staticItems) models = { ...models, staticItems };
  return { rules, ignore, models, source: `${file}\n${text}` };
}

function readSwitch({ key, value }: JsonMember, refuse: Refuse): boolean {
  const given = value.kind === "scalar" ? value.value : undefined;
  return typeof given === "boolean" ? given : refuse(value.span, `expected \`${key}\` to be true or false`);
}

function readIgnore(value: JsonValue, refuse: Refuse): readonly string[] {
  if (value.kind !== "array") return refuse(value.span, "expected `ignore` to be a list of patterns");
  return value.elements.map((element) => {
    const pattern = element.kind === "scalar" ? element.value : undefined;
    return typeof pattern === "string" ? pattern : refuse(element.span, 'expected a pattern such as "generated/"');
  });
}

type Refuse = (span: Span, problem: string) => never;

function parse(file: string, text: string): JsonValue {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw new ConfigError(file, text, error.offset, error.message);
    throw error;
  }
}

function readRules(value: JsonValue, refuse: Refuse): RuleLevels {
  if (value.kind !== "object") return refuse(value.span, "expected `rules` to be an object of levels by rule name");
  return Object.fromEntries(value.members.map((member) => readRule(member, refuse)));
}

function readRule(member: JsonMember, refuse: Refuse): readonly [string, Severity | "off"] {
  if (!configurableNames.includes(member.key)) {
    refuse(member.keySpan, `unknown rule \`${member.key}\`; the rules are ${list(configurableNames)}`);
  }
  const value = member.value.kind === "scalar" ? member.value.value : undefined;
  const level = levels.find((known) => known === value);
  return [member.key, level ?? refuse(member.value.span, `expected one of ${list(levels.map((name) => `"${name}"`))}`)];
}

function list(names: readonly string[]): string {
  return names.join(", ");
}

/** Keeps of what an editor sends only what can be used, and says what was left out. */
export function readLevels(value: unknown): { readonly rules: RuleLevels; readonly problems: readonly string[] } {
  if (value === null || value === undefined) return { rules: {}, problems: [] };
  if (typeof value !== "object") return { rules: {}, problems: ["expected an object of levels by rule name"] };
  const rules: Record<string, Severity | "off"> = {};
  const problems: string[] = [];
  for (const [rule, wanted] of Object.entries(value)) {
    const level = levels.find((known) => known === wanted);
    if (!configurableNames.includes(rule)) problems.push(`unknown rule \`${rule}\``);
    else if (level === undefined) problems.push(`\`${rule}\`: expected one of ${list(levels)}`);
    else rules[rule] = level;
  }
  return { rules, problems };
}
