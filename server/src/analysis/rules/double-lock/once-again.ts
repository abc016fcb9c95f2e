/** What is to be run once waits, in the function that it runs, until that function is done. */
import type { Facts } from "../../facts.js";
import { keyOf, nameOf } from "../../locks/names.js";
import { awaitedAt, awaitedBy } from "../../locks/waiting.js";
import type { Body, Call } from "../../mir/mir.js";
import { shortText } from "../../threads/naming.js";
import { sceneIn } from "../../threads/scene.js";
import { calledFunction, type FunctionRef, roleOf, type Scene } from "../../threads/starts.js";
import { functionNamed, indexModule } from "../../threads/walk.js";
import type { Report } from "../rule.js";

/** A function is followed into this many others. */
const maxDepth = 3;

export function onceAgain(facts: Facts, scene: Scene): readonly Report[] {
  const { models, module } = facts;
  return indexModule(module).calls.flatMap(({ call }) => {
    const [first] = call.args;
    const once = runsOnce(scene, call) ? call.receiver && nameOf(module, models, call.receiver) : undefined;
    const body = first === undefined || once === undefined ? undefined : functionNamed(module, first.value);
    if (once === undefined || body === undefined) return [];
    const found = waitsFor(scene, { module, body }, keyOf(once), maxDepth);
    return found === undefined ? [] : [reportOf(facts, call, shortText(once.text), found)];
  });
}

function runsOnce({ models }: Scene, { symbol }: Call): boolean {
  return symbol !== undefined && models.runsOnce(symbol);
}

interface Waiting {
  readonly file: string;
  readonly call: Call;
}

/** Where a function waits for what is named by `key`, itself or in a function that it waits for. */
function waitsFor(scene: Scene, { module, body }: FunctionRef, key: string, depth: number): Waiting | undefined {
  const here = sceneIn(scene, module);
  for (const call of awaitedIn(here, body)) {
    if (isWaitFor(here, call, key)) return { file: module.file, call };
    const callee = depth > 0 && roleOf(here, call) === undefined ? calledFunction(here, call) : undefined;
    const inner = callee && waitsFor(scene, callee, key, depth - 1);
    if (inner !== undefined) return depth === maxDepth ? { file: module.file, call } : inner;
  }
  return undefined;
}

function awaitedIn(scene: Scene, body: Body): readonly Call[] {
  return body.blocks.flatMap(({ id, steps, end }) => [
    ...steps.flatMap((step, index) =>
      step.kind === "assign" && step.value.kind === "await"
        ? awaitedAt(scene, { body: body.id, block: id, index }, step).map(({ site }) => site.call)
        : [],
    ),
    ...(end.kind === "return" && end.operand !== undefined
      ? awaitedBy(scene, end.operand).map(({ site }) => site.call)
      : []),
  ]);
}

/** With options, it may give up. */
function isWaitFor(scene: Scene, call: Call, key: string): boolean {
  const role = roleOf(scene, call);
  const isWait = role?.kind === "wait" && role.until === "other threads" && call.args.length === 0;
  if (!isWait && !(runsOnce(scene, call) && call.args.length === 1)) return false;
  const name = call.receiver && nameOf(scene.module, scene.models, call.receiver);
  return name !== undefined && keyOf(name) === key;
}

function reportOf({ file }: Facts, outer: Call, once: string, { call }: Waiting): Report {
  return {
    message: `\`${once}\` is waited for in the function that it runs`,
    location: { file, ...call.spans.whole },
    label: "waits until that function is done: a deadlock",
    related: [
      { file, ...outer.spans.callee, message: "the function is run here, and whoever comes next waits for it" },
    ],
    notes: ["what is done once is done when its function is, and until then everybody waits, the function itself too"],
    help: [`Do what \`${once}\` is for in this function, without waiting for it`],
    fixes: [],
    tags: [],
  };
}
