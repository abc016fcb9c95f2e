/** A field of a module that one thread sets, and a worker reads from a copy of its own. */
import type { Facts } from "../../facts.js";
import { twoCopies } from "../../workers/shared-modules.js";
import { workerModule, workerStarts } from "../../workers/started.js";
import type { Report } from "../rule.js";
import { both } from "./assigned.js";

export function changesOfOneCopy({ file, module, models, modules }: Facts): readonly Report[] {
  const workers = new Set(
    workerStarts(module, models).flatMap(({ call }) => workerModule(modules, module, call) ?? []),
  );
  workers.delete(module);
  return twoCopies(module, workers, modules).map(({ change, written, worker, read }) => ({
    message: `\`${written}\` is changed in this thread only: the worker that reads it has a copy of its own`,
    location: { file, ...both(change.span) },
    label: "the worker does not see this change",
    related: [{ file: worker.file, ...read, message: "read here, in the worker, as its module has made it" }],
    notes: ["a module is loaded anew in each worker, with all its variables; threads share none of them"],
    help: ["Give the value to the worker: in `workerData`, or in a message"],
    fixes: [],
    tags: [],
  }));
}
