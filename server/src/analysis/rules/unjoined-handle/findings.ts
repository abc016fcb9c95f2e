/** What is said of a thread that nobody joins. */
import type { Label, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import type { Loss, Site } from "../../ownership/engine.js";
import { shownAs } from "../../places.js";
import { shortText } from "../../threads/naming.js";
import type { Report } from "../rule.js";
import { fixesFor } from "./fixes/fixes.js";

/** All that went wrong with the handles made at one place. */
export interface Case {
  readonly site: Site;
  /** Each way in which they are lost, in order of position. */
  readonly losses: readonly Loss[];
  /**
   * `discarded`: no variable ever held it. `never-awaited`: `join()` was called and nobody waited. `variable`: held by a
   * variable. `container`: held by an array, a Map or the like.
   */
  readonly shape: "discarded" | "never-awaited" | "variable" | "container";
  /** The variable it is about. */
  readonly name: string | undefined;
  /** How many cases of the same body come before: names that fixes make up are told apart by it. */
  readonly ordinal: number;
}

/** At most this many ways out are shown; the rest would say the same. */
const maxRelated = 4;

/** @param others handles that are left behind in the same way */
export function findingFor(
  facts: Facts,
  losses: readonly Loss[],
  { ordinal, others }: { readonly ordinal: number; readonly others: readonly Site[] },
): readonly Report[] {
  const [first] = losses;
  if (first === undefined) return [];
  const one = caseOf(facts, losses, { site: first.site, ordinal });
  const { fixes, help } = fixesFor(facts, one);
  return [
    {
      message: messageOf(facts, one),
      location: { file: facts.file, ...primarySpan(one) },
      label: labelOf(one),
      related: [
        ...relatedOf(facts, one),
        ...others.map(({ call }) => ({
          file: facts.file,
          ...call.spans.callee,
          message:
            one.shape === "container" ? `nor is this thread, in \`${one.name}\` too` : "nor is this thread joined then",
        })),
      ],
      notes: [one.shape === "never-awaited" ? neverAwaited : libraryOf(facts, one.site.call).dialect.dropped],
      help,
      fixes,
      tags: [],
    },
  ];
}

const neverAwaited =
  "`join()` gives a promise; as long as nobody awaits it, the code behind it goes on at once, and what the thread returns or throws is lost";

function caseOf({ module }: Facts, losses: readonly Loss[], { site, ordinal }: Pick<Case, "site" | "ordinal">): Case {
  const direct = losses.find((loss) => loss.held === "directly");
  const inside = losses.find((loss) => loss.held === "inside");
  const held = direct ?? inside;
  const local = held?.local ?? undefined;
  const name = local === undefined ? undefined : module.locals[local]?.name;
  const shape =
    site.join !== undefined && !site.met
      ? "never-awaited"
      : direct !== undefined
        ? "variable"
        : inside !== undefined
          ? "container"
          : "discarded";
  return { site, losses, shape, name, ordinal };
}

function primarySpan({ shape, site }: Case): Span {
  return shape === "never-awaited" && site.join !== undefined ? site.join.spans.whole : site.call.spans.callee;
}

function messageOf({ module }: Facts, { site, losses, shape, name }: Case): string {
  const callee = shortText(textOf(module, site.call.spans.callee));
  const [loss] = losses;
  const field = overwrittenField(module, losses);
  if (field !== undefined) return `\`${field}\` gets another value before the thread in it is joined`;
  const isSometimes = site.met || losses.every(({ exit }) => exit.keyword === "call");
  switch (shape) {
    case "never-awaited": {
      const join = site.join === undefined ? "join()" : shortText(textOf(module, site.join.spans.whole));
      return `\`${join}\` is never awaited`;
    }
    case "discarded":
      return site.origin === "wrapper"
        ? `the handle that \`${callee}\` returns is dropped: nobody joins the thread`
        : `the handle of this thread is dropped: nobody joins the thread`;
    case "container":
      if (loss?.kind === "overwritten") return `a thread in \`${name}\` is overwritten before it is joined`;
      return isSometimes
        ? `the threads in \`${name}\` are not joined on every path`
        : `the threads in \`${name}\` are never joined`;
    case "variable":
      if (loss?.kind === "overwritten") return `\`${name}\` is overwritten before its thread is joined`;
      return isSometimes ? `\`${name}\` is not joined on every path` : `\`${name}\` is never joined`;
    default:
      return shape satisfies never;
  }
}

/** The field that gets another value, where that is what becomes of the handle: `this.handle`. */
export function overwrittenField(module: Module, losses: readonly Loss[]): string | undefined {
  const [step] = losses.flatMap(({ kind, step }) => (kind === "overwritten" && step?.kind === "assign" ? [step] : []));
  const [field, ...others] = step?.to.path ?? [];
  const { kind, name } = (step && module.locals[step.to.base]) ?? {};
  if (field?.kind !== "field" || others.length > 0 || (kind !== "this" && kind !== "param")) return undefined;
  return `${name ?? "this"}.${field.name}`;
}

function labelOf({ shape, site }: Case): string {
  switch (shape) {
    case "never-awaited":
      return "nothing waits for this promise";
    case "discarded":
      return site.origin === "wrapper"
        ? "starts a thread and returns its handle"
        : "starts a thread, and its handle goes nowhere";
    case "variable":
    case "container":
      return "the thread is started here";
    default:
      return shape satisfies never;
  }
}

function relatedOf({ file, module }: Facts, { site, losses, shape, name }: Case): readonly Label[] {
  const labels: Label[] = [];
  if (shape === "never-awaited")
    labels.push({ file, ...site.call.spans.callee, message: "the thread is started here" });
  for (const { kind, exit, step } of losses.slice(0, maxRelated)) {
    if (kind === "overwritten" && step !== undefined) {
      const what = overwrittenField(module, losses) ?? name ?? "the variable";
      labels.push({ file, ...step.span, message: `\`${what}\` gets another value here` });
    } else if (kind === "left" && exit.keyword === "call") {
      labels.push({ file, ...exit.span, message: "where this throws, nobody joins the thread" });
    } else if (kind === "left" && exit.keyword !== undefined) {
      labels.push({ file, ...exit.span, message: "leaves here without joining" });
    } else if (kind === "left" && name !== undefined) {
      labels.push({ file, ...shownAs(module.text, exit.span), message: `\`${name}\` goes out of scope here` });
    }
  }
  return labels;
}
