/** Repairs for a Result that nobody looks at. */
import type { Fix, TextEdit } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Module, Step } from "../../mir/mir.js";
import type { SiteLosses } from "../../ownership/by-site.js";
import { behind, isBraceless, separated } from "../../places.js";

interface Repairs {
  readonly fixes: readonly Fix[];
  readonly help: readonly string[];
}

/** @param name The variable that has the Result, or an array of them. */
export function looks(facts: Facts, { site, losses }: SiteLosses, name: string | undefined): Repairs {
  const [{ step, held, kind }] = losses;
  const { module } = facts;
  if (name !== undefined) return variable(facts, site.step, name, held);
  if (kind !== "discarded" || step?.kind !== "discard") return { fixes: [], help: [generalHelp] };
  const text = textOf(module, step.span);
  if (!isStatement(module, step)) return { fixes: [], help: [generalHelp] };
  if (/^await\s+Promise\.(?:all|allSettled|race|any)\b/.test(text)) return all(facts, step, text);
  const fixes = [
    { title: "Throw what went wrong: `unwrap()`", preferred: true, edits: unwrapped(facts, step, text) },
    onPurpose(facts, step),
  ];
  return {
    fixes,
    help: [`Look at the Result, or pass the error on: \`${text.startsWith("await") ? "(await …)" : "…"}.unwrap()\``],
  };
}

const generalHelp = "Look at the Result: `unwrap()` throws what went wrong, `isErr()` asks";

/** The expression is all of its statement. */
function isStatement(module: Module, { span, statement }: Step): boolean {
  const around = module.text.slice(statement.start, span.start) + module.text.slice(span.end, statement.end);
  return /^\s*;?$/.test(around);
}

function unwrapped({ file, module: { text: whole } }: Facts, { span }: Step, text: string): readonly TextEdit[] {
  if (!text.startsWith("await")) return [insert(file, span.end, ".unwrap()")];
  const open = isBraceless(whole, span.start) ? "(" : separated(whole, span.start, "(");
  return [insert(file, span.start, open), insert(file, span.end, ").unwrap()")];
}

function onPurpose({ file }: Facts, { span }: Step): Fix {
  return { title: "Ignore it on purpose: `void`", preferred: false, edits: [insert(file, span.start, "void ")] };
}

/** `await Promise.all(…)`: the Results come in an array. */
function all({ file }: Facts, step: Step, text: string): Repairs {
  const help = "Look at each Result: `for (const result of …) result.unwrap();`";
  if (!text.startsWith("await Promise.all(")) return { fixes: [], help: [help] };
  const edits = [
    insert(file, step.span.start, "for (const result of "),
    insert(file, step.span.end, ") result.unwrap()"),
  ];
  return {
    fixes: [{ title: "Throw what went wrong in any of them: `unwrap()`", preferred: true, edits }],
    help: [help],
  };
}

function variable({ module }: Facts, step: Step, name: string, held: "directly" | "inside" | "not"): Repairs {
  const added = held === "inside" ? `for (const result of ${name}) result.unwrap();` : `${name}.unwrap();`;
  const isPlain = /^(?:const|let)\b/.test(textOf(module, step.statement));
  const fixes = isPlain
    ? [{ title: "Throw what went wrong: `unwrap()`", preferred: true, edits: behind(module, step.statement, added) }]
    : [];
  return {
    fixes,
    help: [
      held === "inside"
        ? `Look at each Result in \`${name}\``
        : `Look at \`${name}\`: \`${name}.unwrap()\` throws what went wrong`,
    ],
  };
}
