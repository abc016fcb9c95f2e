/** Handles in a `#private` field of which nothing in the file ever takes one out: nobody else can join them. */
import type { Facts } from "../../facts.js";
import type { Place } from "../../mir/mir.js";
import { libraryOf } from "../../models/dialect.js";
import { roleOf } from "../../models/roles.js";
import { type CallSite, indexModule, type Use } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { fieldsThatKeep } from "./kept-in.js";

export function handlesNobodyReads(facts: Facts): readonly Report[] {
  if (!facts.module.text.includes("#")) return [];
  let unread: ReadonlySet<string> | undefined;
  return indexModule(facts.module).calls.flatMap((site) => {
    const role = roleOf(facts.module, facts.models, site.call);
    if (role?.kind !== "spawn" || role.scoped || role.returns !== "handle") return [];
    const field = fieldOf(facts, site);
    if (field === undefined) return [];
    unread ??= unreadFields(facts);
    return unread.has(field) ? [findingFor(facts, site, field)] : [];
  });
}

/** The private field that gets the handle, where nothing else does. */
function fieldOf(facts: Facts, site: CallSite): string | undefined {
  const [field, ...others] = new Set(fieldsThatKeep(facts, site).map(privateField));
  return others.length > 0 ? undefined : field;
}

/** The name of the private field that a place is. */
function privateField({ path }: Place): string | undefined {
  const last = path.at(-1);
  return last?.kind === "field" && last.name.startsWith("#") ? last.name : undefined;
}

/** The private fields of the file's classes that are written, filled and counted, and no more. */
function unreadFields(facts: Facts): ReadonlySet<string> {
  const unread = new Set<string>();
  const read = new Set<string>();
  for (const use of [...indexModule(facts.module).uses.values()].flat()) {
    const at = use.place.path.findIndex((part) => part.kind === "field" && part.name.startsWith("#"));
    const part = use.place.path[at];
    if (part?.kind !== "field") continue;
    (isHarmless(facts, use, at) ? unread : read).add(part.name);
  }
  for (const name of read) unread.delete(name);
  return unread;
}

function isHarmless(facts: Facts, { access, place: { path }, step }: Use, at: number): boolean {
  const [next, ...others] = path.slice(at + 1);
  if (next === undefined && access === "write") return true;
  if (next?.kind === "field" && (next.name === "length" || next.name === "size")) return access === "read";
  if (step?.kind !== "assign" || step.value.kind !== "call" || others.length > 0) return false;
  return roleOf(facts.module, facts.models, step.value)?.kind === "insert" && step.value.receiver?.kind === "place"
    ? privateField(step.value.receiver.place) === privateField({ base: 0, path: path.slice(0, at + 1) })
    : false;
}

function findingFor(facts: Facts, { call }: CallSite, field: string): Report {
  return {
    message: `the thread in \`${field}\` is never joined: nothing takes it out of there`,
    location: { file: facts.file, ...call.spans.callee },
    label: "the thread is started here",
    related: [],
    notes: [libraryOf(facts, call).dialect.dropped],
    help: [`Join what is in \`${field}\` where its owner is closed, as in \`[Symbol.asyncDispose]()\``],
    fixes: [],
    tags: [],
  };
}
