/** Repairs for a value that is used after it was moved: give a second one away, and keep the first. */
import type { Fix, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Local } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import type { Misuse } from "../../ownership/engine.js";
import { libraryNames } from "../../threads/imports.js";
import type { Cause } from "./findings.js";

interface Repairs {
  readonly fixes: readonly Fix[];
  readonly help: readonly string[];
}

export function repairsFor(facts: Facts, { since }: Misuse, cause: Cause): Repairs {
  const { name, how, local } = cause;
  if (how === "dropped") return { fixes: [], help: [`Drop \`${name}\` after its last use`] };
  const role = since.call && roleOf(facts.module, facts.models, since.call);
  if (role?.kind === "post" || role?.kind === "worker" || role?.kind === "task")
    return { fixes: [], help: ["Use it before it is posted, or leave it out of the transfer list: then it is copied"] };
  switch (kindOf(facts, local)) {
    case "clonable":
      return {
        help: [`Move a clone: \`${name}.clone()\``],
        fixes: [append(facts, since.span, ".clone()", `Move a clone of \`${name}\``)],
      };
    case "memory": {
      const copy = local?.type?.kind === "named" && local.type.symbol.name === "ArrayBuffer" ? ".slice(0)" : ".slice()";
      return {
        help: [`Move a copy: \`${name}${copy}\``],
        fixes: [append(facts, since.span, copy, `Move a copy of \`${name}\``)],
      };
    }
    case "lock":
      return {
        help: [`Share \`${name}\` behind an \`Arc\`, and move a clone of that`],
        fixes: local === undefined ? [] : share(facts, since.span, local),
      };
    case "unknown":
      return { help: [`Use \`${name}\` before it is moved, or move a copy of it`], fixes: [] };
  }
}

function append({ file }: Facts, { end }: Span, text: string, title: string): Fix {
  return { title, preferred: true, edits: [insert(file, end, text)] };
}

function kindOf({ models }: Facts, local: Local | undefined): "clonable" | "memory" | "lock" | "unknown" {
  if (local?.type?.kind !== "named") return "unknown";
  const { symbol } = local.type;
  if (models.memory(symbol) !== undefined) return symbol.name === "DataView" ? "unknown" : "memory";
  switch (models.type(symbol)) {
    case "arc":
    case "sender":
      return "clonable";
    case "lock":
    case "atomic":
      return "lock";
    default:
      return "unknown";
  }
}

/** `new Mutex(0)` becomes `Arc.new(new Mutex(0))`, whose methods are called as before. */
function share(facts: Facts, moved: Span, local: Local): readonly Fix[] {
  const { file, module } = facts;
  const { initializer, name } = local;
  if (initializer === undefined || local.reassigned || !textOf(module, initializer).startsWith("new ")) return [];
  const arc = libraryNames(facts, ["Arc"]).get("Arc");
  if (arc === undefined) return [];
  return [
    {
      title: `Share \`${name}\` behind an \`Arc\``,
      preferred: true,
      edits: [
        ...arc.edits,
        insert(file, initializer.start, `${arc.text}.new(`),
        insert(file, initializer.end, ")"),
        insert(file, moved.end, ".clone()"),
      ],
    },
  ];
}
