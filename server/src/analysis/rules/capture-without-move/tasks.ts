/** Functions that a pool sends to its workers as text, and that use what is around them here. */
import type { Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Body, Local, Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { isCompilerHelper } from "../../threads/naming.js";
import { functionNamed, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";

export function capturedByTasks(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap(({ call }) => {
    const role = roleOf(module, models, call);
    const given = role?.kind === "task" && role.closure !== undefined ? call.args[role.closure] : undefined;
    const body = given === undefined || given.spread ? undefined : functionNamed(module, given.value);
    if (given === undefined || body === undefined) return [];
    const isInline = given.value.kind === "function";
    return body.captures.flatMap(({ local: id, uses: [first] }) => {
      const local = module.locals[id];
      if (local === undefined || first === undefined || isOwn(local, body)) return [];
      return [findingFor(module, local, isInline ? first.span : given.value.span, first.span)];
    });
  });
}

/** What travels with the function, or is nothing when it runs. */
function isOwn(local: Local, body: Body): boolean {
  return local.typeOnly || isCompilerHelper(local) || (local.kind === "function" && local.function === body.id);
}

function findingFor(module: Module, local: Local, span: Span, use: Span): Report {
  const { file } = module;
  const name = local.name ?? local.kind;
  const declared = local.span === undefined ? [] : [{ file, ...local.span, message: `\`${name}\` is declared here` }];
  const usedElsewhere = span.start === use.start ? [] : [{ file, ...use, message: "and used here" }];
  return {
    message: `this function runs in a worker, which has no \`${name}\``,
    location: { file, start: span.start, end: span.end },
    label: textOf(module, span) === name ? `\`${name}\` does not exist there` : `it uses \`${name}\``,
    related: [...declared, ...usedElsewhere],
    notes: ["the function is sent as its text, and none of the variables around it goes along"],
    help: [
      local.kind === "import"
        ? `Import it inside of the function: \`await import(…)\``
        : `Take \`${name}\` as a parameter, and give it in the list of arguments`,
    ],
    fixes: [],
    tags: [],
  };
}
