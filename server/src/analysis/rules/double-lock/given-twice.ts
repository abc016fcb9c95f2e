/** One lock that is given to a function twice, which takes the second one while it holds the first one. */
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { takenDuring } from "../../locks/during.js";
import { areCompatible, type HeldLock, heldLocks, holdingsAround } from "../../locks/held.js";
import { keyOf } from "../../locks/names.js";
import { takeLocks } from "../../locks/order.js";
import { isPassedAlways, type LockUse, translated } from "../../locks/uses.js";
import { awaitedCalls } from "../../locks/waiting.js";
import type { Body, Call, Operand } from "../../mir/mir.js";
import { shortText } from "../../threads/naming.js";
import { sceneIn } from "../../threads/scene.js";
import { calledFunction, type FunctionRef, roleOf, type Scene } from "../../threads/starts.js";
import { indexModule, operandsOnce } from "../../threads/walk.js";
import type { Report } from "../rule.js";
import { noteOn } from "./notes.js";

export function givenTwice(facts: Facts, scene: Scene): readonly Report[] {
  if (!takeLocks(facts.modules, facts.models)) return [];
  return indexModule(scene.module).calls.flatMap(({ call }) => {
    if (!hasTwins(call) || roleOf(scene, call) !== undefined) return [];
    const callee = calledFunction(scene, call);
    if (callee === undefined || tellsApart(callee.body)) return [];
    const [found] = takenTwice(facts, scene, call, callee);
    return found === undefined ? [] : [reportOf(facts, call, callee, found)];
  });
}

/** Whether two of the values that a call is given are one. */
function hasTwins({ args, receiver }: Call): boolean {
  const given = [...(receiver === undefined ? [] : [receiver]), ...args.map(({ value }) => value)];
  const names = given.flatMap((operand) => nameOf(operand) ?? []);
  return new Set(names).size < names.length;
}

function nameOf(operand: Operand): string | undefined {
  if (operand.kind === "item") return operand.local === undefined ? undefined : `${operand.local} ${operand.name}`;
  if (operand.kind !== "place") return undefined;
  const { base, path } = operand.place;
  // An element that is chosen by a variable is another one where the variable has changed.
  if (path.some((step) => step.kind === "index" && step.constant === undefined)) return undefined;
  return [base, ...path.map((step) => (step.kind === "field" ? step.name : step.constant))].join(".");
}

/** A function that compares what it is given, or what belongs to that, may see that it is the same. */
function tellsApart({ params, blocks }: Body): boolean {
  const given = new Set(params.map(({ arrives }) => arrives));
  return blocks.some(({ steps }) =>
    steps.some((step) => {
      if (step.kind !== "assign" || step.value.kind !== "compute" || !/^[<>!=]=?=?$/.test(step.value.operator))
        return false;
      return operandsOnce(step.value).filter((each) => each.kind === "place" && given.has(each.place.base)).length > 1;
    }),
  );
}

interface Twice {
  readonly held: HeldLock;
  readonly use: LockUse;
}

function takenTwice(facts: Facts, scene: Scene, call: Call, callee: FunctionRef): readonly Twice[] {
  const inside = sceneIn(scene, callee.module);
  const keyOutside = (name: HeldLock["name"]): string | undefined => {
    const outside = name && translated(scene, call, callee, name);
    return outside && keyOf(outside);
  };
  return holdingsAround(facts)(callee.module)
    .filter(({ body, block }) => body === callee.body.id && isPassedAlways(callee.body, block))
    .flatMap((holding) => {
      const all = heldLocks(inside, holding);
      return awaitedCalls(inside, holding).flatMap((awaited) =>
        takenDuring(inside, holding, awaited).flatMap((use) =>
          all.flatMap((held): Twice[] => {
            // Under one name, it is found where the function is.
            if (held.name === undefined || keyOf(held.name) === keyOf(use.name)) return [];
            const key = keyOutside(held.name);
            const isSame = key !== undefined && key === keyOutside(use.name);
            return isSame && !areCompatible(held.access, use.access) && !awaited.early ? [{ held, use }] : [];
          }),
        ),
      );
    });
}

function reportOf({ file, module }: Facts, call: Call, { module: callee }: FunctionRef, { held, use }: Twice): Report {
  const name = shortText(textOf(module, call.spans.callee));
  const [first, second] = [shortText(held.name?.text ?? ""), shortText(use.name.text)];
  return {
    message: `\`${name}\` waits for itself: what it knows as \`${first}\` and \`${second}\` is one lock here`,
    location: { file, ...call.spans.whole },
    label: "is given the same lock twice: a deadlock",
    related: [
      { file: callee.file, ...held.site.call.spans.whole, message: `\`${first}\` is locked here` },
      { ...use.at, message: `and \`${second}\` here, while that is held` },
    ],
    notes: [noteOn(use, held)],
    help: [`Give it two, or let \`${name}\` see that they are the same`],
    fixes: [],
    tags: [],
  };
}
