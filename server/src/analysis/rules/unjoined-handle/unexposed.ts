/** A worker that is asked to say what it offers, and whose file never does. */
import type { Facts } from "../../facts.js";
import type { Call, Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { indexModule, onlyDefinition } from "../../threads/walk.js";
import { workerModule } from "../../workers/started.js";
import type { Report } from "../rule.js";

export function unexposedWorkers(facts: Facts): readonly Report[] {
  const { file, module, models, modules } = facts;
  const said = new Set<Module>();
  return indexModule(module).calls.flatMap(({ call }) => {
    const role = roleOf(module, models, call);
    const started = role?.kind === "remote" && role.exposed !== undefined ? workerIn(facts, call) : undefined;
    const worker = started && workerModule(modules, module, started);
    if (role?.kind !== "remote" || role.exposed === undefined || started === undefined || worker === undefined)
      return [];
    const { by, otherwise } = role.exposed;
    if (said.has(worker) || mayCall(worker, by)) return [];
    said.add(worker);
    return [
      {
        message: `the file of this worker never calls \`${by}\`: nobody answers`,
        location: { file, ...started.spans.whole },
        label: "starts a worker that offers nothing",
        related: [{ file: worker.file, start: 0, end: 0, message: `there is no \`${by}\` in this file` }],
        notes: [otherwise],
        help: [`Say what the worker does: \`${by}({ … })\``],
        fixes: [],
        tags: [],
      },
    ];
  });
}

/** `spawn(new Worker("./w"))` */
function workerIn({ module, models }: Facts, { args: [first] }: Call): Call | undefined {
  if (first?.value.kind !== "place" || first.value.place.path.length > 0) return undefined;
  const made = onlyDefinition(module, first.value.place.base)?.step.value;
  return made?.kind === "call" && roleOf(module, models, made)?.kind === "worker" ? made : undefined;
}

/** Whether a file, or another one of the project that it loads, may call a function. */
function mayCall({ text, imports }: Module, name: string): boolean {
  const isOwn = imports.some(({ specifier, typeOnly }) => !typeOnly && /^[.#~@/]/.test(specifier));
  return isOwn || new RegExp(`\\b(?:${name}|require|importScripts|import)\\s*\\(|\\bexport\\b.*\\bfrom\\b`).test(text);
}
