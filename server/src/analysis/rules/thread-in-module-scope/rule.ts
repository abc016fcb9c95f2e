/**
 * `thread-in-module-scope`: a module starts a thread when it is imported, and that thread imports the module again.
 *
 * Source: https://nodejs.org/api/worker_threads.html#workerismainthread
 */
import type { Fix, Label, Span } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { insert, textOf } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { sceneOf } from "../../threads/scene.js";
import { threadStarts } from "../../threads/starts.js";
import { type CallSite, indexModule } from "../../threads/walk.js";
import type { Report, Rule } from "../rule.js";
import { importLeadsTo } from "./certain.js";
import { isOwnFile, type Reimport, reimportBy } from "./imported.js";
import { movesOwnInstance } from "./instances.js";

export const threadInModuleScope: Rule = {
  name: "thread-in-module-scope",
  summary: "A module that starts a thread when it is imported, and is imported by that thread again",
  severity: "error",
  rust: undefined,
  check(facts: Facts): readonly Report[] {
    // Whoever asks which thread this is, knows.
    if (asksForThread.test(facts.module.text)) return [];
    return [...threads(facts), ...workers(facts)];
  },
};

const asksForThread = /\b(?:isMainThread|threadId|parentPort)\b|\bcurrent\(\)/;

function threads(facts: Facts): readonly Report[] {
  const { module, modules } = facts;
  const scene = sceneOf(facts);
  return threadStarts(scene).flatMap((start) => {
    const site = indexModule(module)
      .callsOf.get(start.at.body)
      ?.find(({ call }) => call === start.call);
    if (site === undefined) return [];
    const again = reimportBy(module, start, modules);
    const instance = again === undefined ? movesOwnInstance(module, start) : undefined;
    const top = again === undefined && instance === undefined ? undefined : importLeadsTo(scene, site);
    if (top === undefined) return [];
    return [reportOf(module, { site, top, ...reasonOf(module, again, instance), what: "thread" })];
  });
}

function reasonOf(
  module: Module,
  again: Reimport | undefined,
  instance: Span | undefined,
): Pick<Found, "message" | "why"> {
  if (again !== undefined) {
    const message =
      again.through === undefined
        ? "the thread imports this module, which starts a thread"
        : `the thread imports \`${again.through}\`, which imports this module`;
    return { message: endless("thread"), why: [{ file: again.module.file, ...again.span, message }] };
  }
  if (instance === undefined) return { message: endless("thread"), why: [] };
  const name = textOf(module, instance);
  return {
    message: `\`${name}\` makes the thread import this module, which starts another thread`,
    why: [
      {
        file: module.file,
        ...instance,
        message: "an instance of a class of this module: it is made there by importing the module",
      },
    ],
  };
}

function endless(what: Found["what"]): string {
  return `each ${what} that this module starts imports the module again, and so starts another one: there is no end of ${what}s`;
}

function workers(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  return indexModule(module).calls.flatMap((site) => {
    if (roleOf(module, models, site.call)?.kind !== "worker" || !isOwnFile(module, site.call)) return [];
    const top = importLeadsTo(sceneOf(facts), site);
    return top === undefined
      ? []
      : [reportOf(module, { site, top, message: endless("worker"), why: [], what: "worker" })];
  });
}

interface Found {
  readonly site: CallSite;
  readonly top: CallSite;
  readonly message: string;
  readonly why: readonly Label[];
  readonly what: "thread" | "worker";
}

function reportOf(module: Module, { site, top, message, why, what }: Found): Report {
  const { file } = module;
  const called: readonly Label[] =
    top === site ? [] : [{ file, ...top.call.spans.whole, message: "called whenever this module is imported" }];
  return {
    message,
    location: { file, ...site.call.spans.callee },
    label: "starts one whenever this module is imported",
    related: [...called, ...why],
    notes: [`a ${what} has modules of its own: what it imports runs anew there, from the first line to the last`],
    help: [
      what === "thread"
        ? "Move what the thread imports into a module of its own, or start it only `if (thread.current().id === 0)`"
        : "Start it only `if (isMainThread)`, or put the worker's code into a file of its own",
    ],
    fixes: guarded(module, top, what),
    tags: [],
  };
}

/** The statement in the module's own code, where the main thread alone is to run it. */
function guarded(module: Module, { step }: CallSite, what: Found["what"]): readonly Fix[] {
  const { file, imports } = module;
  const { statement } = step;
  const text = textOf(module, statement);
  if (what === "worker" || !/^(?:await\s+|void\s+)?[\w$.]+\(/.test(text)) return [];
  const has = imports.some(
    ({ specifier, typeOnly, names }) =>
      specifier === "fearless-threads" &&
      !typeOnly &&
      names.some(({ imported, local }) => imported === "thread" && module.locals[local]?.name === "thread"),
  );
  if (!has) return [];
  return [
    {
      title: "Start it from the main thread only",
      preferred: true,
      edits: [insert(file, statement.start, "if (thread.current().id === 0) ")],
    },
  ];
}
