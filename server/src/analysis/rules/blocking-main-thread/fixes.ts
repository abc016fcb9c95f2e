/** Repairs: the form of the method that waits without blocking. */
import type { Fix, TextEdit } from "../../diagnostic.js";
import { insert, replace } from "../../fix.js";
import type { Module } from "../../mir/mir.js";
import { mayAwait, separated } from "../../places.js";
import { makeAsync } from "../../threads/make-async.js";
import { bodyOf, type CallSite } from "../../threads/walk.js";
import type { OnMain } from "./main-thread.js";

/** `lock` of `lockSync` and of `blockingLock`; undefined where the method has no such sibling. */
export function asyncForm(method: string | undefined): string | undefined {
  const [, before, behind] = /^(?:(\w+)Sync|blocking([A-Z]\w*))$/.exec(method ?? "") ?? [];
  if (behind !== undefined) return behind.charAt(0).toLowerCase() + behind.slice(1);
  return before;
}

export function waitWithoutBlocking(module: Module, site: CallSite, how: OnMain["how"]): readonly Fix[] {
  const { call } = site;
  const name = asyncForm(call.method);
  // The name alone, `sleepSync(5)`, would need another import.
  if (name === undefined || call.spans.name.start === call.spans.callee.start) return [];
  const edits = [...awaited(module, site), replace(module.file, call.spans.name, name)];
  const title = `Wait without blocking: \`await ${name}(…)\``;
  if (mayAwait(module, site.at.body)) return [{ title, preferred: true, edits }];
  // Whoever calls a handler does not wait for what it returns.
  const async = how === "handler" ? makeAsync(module, bodyOf(module, site.at)) : undefined;
  return async === undefined || async.length === 0 ? [] : [{ title, preferred: false, edits: [...async, ...edits] }];
}

function awaited({ file, text }: Module, { call, step }: CallSite): readonly TextEdit[] {
  const { start, end } = call.spans.whole;
  const isUsed = /^\s*(?:[.[!]|\?\.)/.test(text.slice(end));
  if (!isUsed) return [insert(file, start, "await ")];
  const opening = step.statement.start === start ? separated(text, start, "(await ") : "(await ";
  return [insert(file, start, opening), insert(file, end, ")")];
}
