/** Functions that take a lock and return a function which gives it back: `const release = await acquire()`, and nobody calls it. */
import type { Facts } from "../../facts.js";
import { guardsOf } from "../../locks/guards.js";
import { functionAt, isAwaited } from "../../locks/uses.js";
import type { Body, LocalId, Module, Operand } from "../../mir/mir.js";
import { shortText } from "../../threads/naming.js";
import { sceneIn, sceneOf } from "../../threads/scene.js";
import { calledFunction, roleOf, type Scene } from "../../threads/starts.js";
import { type CallSite, indexModule, onlyDefinition } from "../../threads/walk.js";
import type { Report } from "../rule.js";

export function uncalledReleasers(facts: Facts): readonly Report[] {
  const scene = sceneOf(facts);
  const { file, module } = facts;
  return indexModule(module).calls.flatMap((site) => {
    if (roleOf(scene, site.call) !== undefined) return [];
    const unused = unusedResult(facts, site);
    const callee = unused === undefined ? undefined : calledFunction(scene, site.call);
    if (unused === undefined || callee === undefined || callee.body.async !== isAwaited(module, site)) return [];
    const taken = heldByReleaser(sceneIn(scene, callee.module), callee.body);
    if (taken === undefined) return [];
    const { callee: span, whole } = site.call.spans;
    const name = shortText(module.text.slice(span.start, span.end));
    return [
      {
        message:
          unused.name === undefined
            ? `what \`${name}\` returns releases its lock, and is thrown away`
            : `\`${unused.name}\` is never called: the lock that \`${name}\` takes stays locked`,
        location: { file, ...whole },
        label: "takes a lock, and returns the function that gives it back",
        related: [{ file: callee.module.file, ...taken, message: "the lock is taken here" }],
        notes: ["a lock is held until its guard is dropped: whoever takes the lock next waits for ever"],
        help: [
          `Call \`${unused.name ?? "release"}()\` in a \`finally\`, or return the guard and bind it with \`using\``,
        ],
        fixes: [],
        tags: [],
      },
    ];
  });
}

/** The variable that gets a call's result, or what is awaited of it, and that nobody uses. No name: nothing gets it. */
function unusedResult({ module }: Facts, { step }: CallSite): { readonly name: string | undefined } | undefined {
  const { uses } = indexModule(module);
  let { base, path } = step.to;
  for (let depth = 0; depth < 3 && path.length === 0; depth++) {
    const local = module.locals[base];
    const others = (uses.get(base) ?? []).filter(
      ({ access, step: used }) => access !== "write" && used?.kind !== "end-scope",
    );
    const [use, ...more] = others;
    if (local === undefined || local.exported || local.reassigned || more.length > 0) return undefined;
    if (use === undefined)
      return local.name === undefined || local.name.startsWith("_") ? undefined : { name: local.name };
    if (local.kind !== "temp") return undefined;
    if (use.step?.kind === "discard") return use.step.onPurpose ? undefined : { name: undefined };
    if (use.step?.kind !== "assign" || (use.step.value.kind !== "await" && use.step.value.kind !== "use"))
      return undefined;
    ({ base, path } = use.step.to);
  }
  return undefined;
}

/** Where a function takes the lock that only the function gives back which it returns on every path. */
function heldByReleaser(scene: Scene, body: Body): { readonly start: number; readonly end: number } | undefined {
  const { module } = scene;
  const returned = body.blocks.flatMap(({ end }) => (end.kind === "return" ? [end.operand] : []));
  const releasers = returned.map((operand) => functionAt(scene, operand && held(scene.module, operand)));
  const [releaser] = releasers;
  if (releaser === undefined || !releasers.every((each) => each === releaser)) return undefined;
  const guards = guardsOf(scene).filter(
    (guard) => guard.body === body && guard.dropped.length === 0 && guard.made.length === 1,
  );
  const guard = guards.find(({ local }) => isDroppedIn(scene, releaser, local.id));
  const span = guard?.local.span;
  // Somebody else may give it back.
  const uses = guard === undefined ? [] : (indexModule(module).uses.get(guard.local.id) ?? []);
  return uses.every(
    ({ at, access, step }) => access === "write" || step?.kind === "end-scope" || at.body === releaser.id,
  )
    ? span
    : undefined;
}

/** What is returned is put into a temporary before the scope ends. */
function held(module: Module, operand: Operand): Operand {
  const isTemp = operand.kind === "place" && module.locals[operand.place.base]?.kind === "temp";
  const value = isTemp ? onlyDefinition(module, operand.place.base)?.step.value : undefined;
  return value?.kind === "use" ? value.operand : operand;
}

function isDroppedIn(scene: Scene, { id }: Body, guard: LocalId): boolean {
  return (indexModule(scene.module).callsOf.get(id) ?? []).some(({ call }) => {
    const given = [...call.args.map(({ value }) => value), ...(call.receiver === undefined ? [] : [call.receiver])];
    const isIt = given.some(
      (operand) => operand.kind === "place" && operand.place.base === guard && operand.place.path.length === 0,
    );
    return isIt && roleOf(scene, call)?.kind === "drop";
  });
}
