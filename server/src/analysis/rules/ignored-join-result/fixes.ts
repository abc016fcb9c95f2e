/** Repairs for a Result that nobody looks at. */
import type { Fix, TextEdit } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Module, Step } from "../../mir/mir.js";
import { type Dialect, libraryOf } from "../../models/dialect.js";
import type { SiteLosses } from "../../ownership/by-site.js";
import { behind, isBraceless, separated } from "../../places.js";
import { resultName } from "../unjoined-handle/fixes/repairs.js";

interface Repairs {
  readonly fixes: readonly Fix[];
  readonly help: readonly string[];
}

/** @param name The variable that has the Result, or an array of them. */
export function looks(facts: Facts, { site, losses }: SiteLosses, name: string | undefined): Repairs {
  const [{ step, held, kind }] = losses;
  const { module } = facts;
  const { dialect } = libraryOf(facts, site.call);
  if (name !== undefined) return variable(facts, site.step, name, { held, dialect });
  if (kind !== "discarded" || step?.kind !== "discard") return { fixes: [], help: [generalHelp[dialect.results]] };
  const text = textOf(module, step.span);
  if (!isStatement(module, step)) return { fixes: [], help: [generalHelp[dialect.results]] };
  if (/^await\s+Promise\.(?:all|allSettled|race|any)\b/.test(text)) return all(facts, step, text, dialect);
  const fixes = [
    { title: titles[dialect.results], preferred: true, edits: unwrapped(facts, step, text, dialect) },
    onPurpose(facts, step),
  ];
  return {
    fixes,
    help: [
      dialect.results === "methods"
        ? `Look at the Result, or pass the error on: \`${text.startsWith("await") ? "(await …)" : "…"}.unwrap()\``
        : "Look at the Result, or pass the error on: `if (!result.ok) throw result.error`",
    ],
  };
}

const generalHelp = {
  methods: "Look at the Result: `unwrap()` throws what went wrong, `isErr()` asks",
  "ok-field": "Look at the Result: `if (!result.ok) throw result.error`",
};

const titles = { methods: "Throw what went wrong: `unwrap()`", "ok-field": "Throw what went wrong" };

/** The expression is all of its statement. */
function isStatement(module: Module, { span, statement }: Step): boolean {
  const around = module.text.slice(statement.start, span.start) + module.text.slice(span.end, statement.end);
  return /^\s*;?$/.test(around);
}

function unwrapped(
  { file, module: { text: whole } }: Facts,
  { span, statement }: Step,
  text: string,
  { results }: Dialect,
): readonly TextEdit[] {
  if (results === "ok-field") {
    const name = resultName(text);
    const end = whole.slice(span.end, statement.end).includes(";") ? "" : ";";
    return [
      insert(file, span.start, `{ const ${name} = `),
      insert(file, statement.end, `${end} if (!${name}.ok) throw ${name}.error; }`),
    ];
  }
  if (!text.startsWith("await")) return [insert(file, span.end, ".unwrap()")];
  const open = isBraceless(whole, span.start) ? "(" : separated(whole, span.start, "(");
  return [insert(file, span.start, open), insert(file, span.end, ").unwrap()")];
}

function onPurpose({ file }: Facts, { span }: Step): Fix {
  return { title: "Ignore it on purpose: `void`", preferred: false, edits: [insert(file, span.start, "void ")] };
}

/** `await Promise.all(…)`: the Results come in an array. */
function all({ file }: Facts, step: Step, text: string, { results }: Dialect): Repairs {
  const look = lookAt("result", results);
  const help = `Look at each Result: \`for (const result of …) ${look};\``;
  if (!text.startsWith("await Promise.all(")) return { fixes: [], help: [help] };
  const edits = [insert(file, step.span.start, "for (const result of "), insert(file, step.span.end, `) ${look}`)];
  return {
    fixes: [
      {
        title: `Throw what went wrong in any of them${results === "methods" ? ": `unwrap()`" : ""}`,
        preferred: true,
        edits,
      },
    ],
    help: [help],
  };
}

/** A statement, without its semicolon, that throws what is in the Result. */
function lookAt(result: string, results: Dialect["results"]): string {
  return results === "methods" ? `${result}.unwrap()` : `if (!${result}.ok) throw ${result}.error`;
}

interface Held {
  readonly held: "directly" | "inside" | "not";
  readonly dialect: Dialect;
}

function variable({ module }: Facts, step: Step, name: string, { held, dialect: { results } }: Held): Repairs {
  const added =
    held === "inside" ? `for (const result of ${name}) ${lookAt("result", results)};` : `${lookAt(name, results)};`;
  const isPlain = /^(?:const|let)\b/.test(textOf(module, step.statement));
  const fixes = isPlain
    ? [{ title: titles[results], preferred: true, edits: behind(module, step.statement, added) }]
    : [];
  return {
    fixes,
    help: [
      held === "inside"
        ? `Look at each Result in \`${name}\``
        : `Look at \`${name}\`: \`${lookAt(name, results)}\`${results === "methods" ? " throws what went wrong" : ""}`,
    ],
  };
}
