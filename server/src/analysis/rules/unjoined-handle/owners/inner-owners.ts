/** Objects that own a thread in a private field of another object, which has a method to close it that leaves them out. */
import type { Facts } from "../../../facts.js";
import type { Body, Module } from "../../../mir/mir.js";
import { libraryOf } from "../../../models/dialect.js";
import { sceneOf } from "../../../threads/scene.js";
import type { Scene } from "../../../threads/starts.js";
import { type CallSite, indexModule, type Use } from "../../../threads/walk.js";
import type { Report } from "../../rule.js";
import { classSpan, isPublic, thisOf } from "./class-members.js";
import { accessOf, closingMethod } from "./owners.js";
import { mentionOf, type OwningClass, owningClass, startedByMaking } from "./owning-class.js";

export function ownersInOwners(facts: Facts): readonly Report[] {
  const { module } = facts;
  if (!indexModule(module).calls.some((site) => mayBeKept(module, site))) return [];
  const scene = sceneOf(facts);
  return module.bodies.flatMap((made) => {
    const of = made.kind === "constructor" ? owningClass(scene, made) : undefined;
    const closing = of && of.inner.size > 0 ? of.members.find((body) => isToClose(module, body)) : undefined;
    if (of === undefined || closing === undefined) return [];
    return [...of.inner].flatMap(([field, { of: its, site }]) => {
      const isItsOwn = isPrivate(module, made, { field, site }) && isLeft(scene, of, field);
      const end = isItsOwn ? closingMethod(its) : undefined;
      return end === undefined ? [] : [findingFor(facts, site, { field, closing, end, its })];
    });
  });
}

/** `#pool = new Pool()`, `this.pool = new Pool()` */
function mayBeKept({ locals }: Module, { call, step }: CallSite): boolean {
  if (call.form !== "new" || call.symbol === undefined || call.symbol.package !== undefined) return false;
  const { kind } = locals[step.to.base] ?? {};
  return kind === "this" || kind === "temp" || kind === "const";
}

const toClose = /^(?:close|stop|shutdown|shutDown|dispose|destroy|terminate|teardown|tearDown)(?:All|Async|Now)?$/;

function isToClose(module: Module, body: Body): boolean {
  const name = body.name ?? accessOf(module, body);
  return (toClose.test(name) || /^\[Symbol\.(?:asyncD|d)ispose\]$/.test(name)) && isPublic(module, body);
}

/** Whether a field that gets an object is of this class, and not of what it extends, and no other code can get at it. */
function isPrivate(module: Module, made: Body, { field, site }: { readonly field: string; readonly site: CallSite }) {
  const span = classSpan(module, made);
  const { start, end } = site.call.spans.whole;
  if (span === undefined || start < span.start || span.end < end) return false;
  const text = module.text.slice(span.start, span.end);
  return (
    field.startsWith("#") || new RegExp(`\\bprivate\\s+(?:readonly\\s+)?${field.replaceAll("$", "\\$")}\\b`).test(text)
  );
}

/** Whether the object in a private field surely has a thread, and nothing in the file that has the field may join it. */
function isLeft(scene: Scene, of: OwningClass, field: string): boolean {
  const { module } = of;
  const all = [...of.members, ...of.making];
  const selves = new Set(all.flatMap((body) => thisOf(module, body) ?? []));
  const isFollowed = (use: Use): boolean => {
    const { base, path } = use.place;
    if (!path.some((part) => part.kind === "field" && part.name === field)) return true;
    const [first] = path;
    if (first?.kind !== "field" || first.name !== field) return false;
    // Another class may have a field of that name.
    return selves.has(base) ? !mentionOf(of, scene, use).mayEnd : module.locals[base]?.kind === "this";
  };
  if (![...indexModule(module).uses.values()].flat().every(isFollowed)) return false;
  const its = of.inner.get(field)?.of;
  if (its !== undefined && startedByMaking(its) !== undefined) return true;
  return all.some((body) => of.does(body).starts === field);
}

interface Finding {
  readonly field: string;
  /** The method that is there to close the object that has the field. */
  readonly closing: Body;
  /** The method that would close what is in the field. */
  readonly end: Body;
  readonly its: OwningClass;
}

function findingFor(facts: Facts, { call }: CallSite, { field, closing, end, its }: Finding): Report {
  const { file, module } = facts;
  const owned = [...its.owned][0];
  const close = `${end.async ? "await " : ""}this.${field}${accessOf(its.module, end)}()`;
  const closer = closing.name ?? accessOf(module, closing);
  const { whole, params } = closing.spans;
  return {
    message: `\`${field}\` is never closed: \`${closer}\` leaves its thread${owned === undefined ? "" : ` in \`${owned[0]}\``} running`,
    location: { file, ...call.spans.whole },
    label: "what owns the thread is made here",
    related: [
      { file, start: whole.start, end: params?.start ?? whole.end, message: `\`${closer}\` does not close it` },
    ],
    notes:
      owned?.[1][0] === undefined
        ? []
        : [libraryOf({ ...facts, module: its.module }, owned[1][0].call).dialect.dropped],
    help: [`\`${close}\` in \`${closer}\``],
    fixes: [],
    tags: [],
  };
}
