/** A wait for a condition that does not hold at first, and that nothing in the file which has the lock ever makes hold. */
import type { Label } from "../../diagnostic.js";
import type { Facts } from "../../facts.js";
import { textOf } from "../../fix.js";
import { lockOfGuard } from "../../locks/guarded-by.js";
import { functionAt } from "../../locks/uses.js";
import type { Body, Call, LocalId, Module, Operand, Place, Value } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { shortText } from "../../threads/naming.js";
import { sceneOf } from "../../threads/scene.js";
import { calledFunction } from "../../threads/starts.js";
import { type CallSite, indexModule, onlyDefinition } from "../../threads/walk.js";
import type { Report } from "../rule.js";

export function neverChanged(facts: Facts): readonly Report[] {
  const { module, models } = facts;
  const { calls } = indexModule(module);
  const waits = calls.filter(({ call }) => {
    const role = roleOf(module, models, call);
    return role?.kind === "relock" && role.until === "condition" && role.returns === "result-of-guard";
  });
  if (waits.length === 0 || mayChange(facts)) return [];
  return waits.flatMap((site) => {
    const lock = lockMade(facts, site.call);
    const condition = functionAt(sceneOf(facts), site.call.args[1]?.value);
    if (lock === undefined || condition === undefined) return [];
    return holdsAtFirst(module, condition, lock.initial) ? [reportOf(facts, site, lock)] : [];
  });
}

interface MadeLock {
  readonly text: string;
  readonly made: Call;
  readonly initial: Operand;
}

/** The lock of the guard that is waited with, where only this file has it. */
function lockMade(facts: Facts, { args }: Call): MadeLock | undefined {
  const { module, models } = facts;
  const name = args[0] === undefined ? undefined : lockOfGuard(sceneOf(facts), args[0].value);
  if (name === undefined || name.path !== "" || !/^[\w$]+$/.test(name.text)) return undefined;
  const [local, ...others] = module.locals.filter((each) => each.name === name.text && each.kind === "const");
  if (local === undefined || others.length > 0 || local.exported || !isKept(facts, local.id)) return undefined;
  let value = onlyDefinition(module, local.id)?.step.value;
  for (let depth = 0; value?.kind === "call" && value.form === "call" && depth < 2; depth++) {
    const [inner] = value.args;
    if (roleOf(module, models, value)?.kind !== "share" || inner?.value.kind !== "place") return undefined;
    value = onlyDefinition(module, inner.value.place.base)?.step.value;
  }
  const initial = value?.kind === "call" && value.form === "new" ? value.args[0] : undefined;
  if (value?.kind !== "call" || initial === undefined) return undefined;
  return roleOf(module, models, value)?.kind === "share"
    ? { text: name.text, made: value, initial: initial.value }
    : undefined;
}

/** All that is done with the lock's variable, and with its clones, is to lock it and to move it to threads. */
function isKept(facts: Facts, local: LocalId): boolean {
  return (indexModule(facts.module).uses.get(local) ?? []).every(({ step, access }) => {
    if (step?.kind === "end-scope" || access === "write") return true;
    if (step?.kind !== "assign" || step.value.kind !== "call") return false;
    const role = roleOf(facts.module, facts.models, step.value)?.kind;
    if (role === "clone") return step.to.path.length === 0 && isKept(facts, step.to.base);
    return role === "lock" || role === "move" || role === "share";
  });
}

/** Whether anything in the file may change what a guard gives, or other files get hold of a lock or a guard. */
function mayChange(facts: Facts): boolean {
  const { module } = facts;
  return module.bodies.some(({ blocks }) =>
    blocks.some(({ steps, end }) => {
      if (end.kind === "return" && end.operand !== undefined && isOfLock(facts, end.operand)) return true;
      return steps.some((step) => {
        if (step.kind === "update" || step.kind === "delete") return isGuarded(step.place);
        if (step.kind !== "assign") return false;
        if (isGuarded(step.to)) return true;
        const { value } = step;
        if (value.kind === "call") return mayChangeBy(facts, value);
        // What is read out into a variable may be an object, and be changed there.
        const isRead = value.kind === "use" && value.operand.kind === "place" && isPartRead(value.operand.place);
        return isRead || (value.kind === "object" && value.fields.some((field) => isOfLock(facts, field.value)));
      });
    }),
  );
}

function mayChangeBy(facts: Facts, call: Call): boolean {
  const { module, models } = facts;
  const role = roleOf(module, models, call);
  // A function of another file may run with whatever it is given.
  if (call.args.some(({ value }) => value.kind === "item" && value.symbol?.package === undefined)) return true;
  if (role?.kind === "spawn" && !call.args.some(({ value }) => functionAt(sceneOf(facts), value) !== undefined))
    return true;
  if (role?.kind === "borrow" || role?.kind === "relock") return false;
  if (call.receiver?.kind === "place" && isGuarded(call.receiver.place)) return true;
  const given = call.args.some(
    ({ value }) => value.kind === "place" && (isGuarded(value.place) || isOfLock(facts, value)),
  );
  return given && role === undefined && calledFunction(sceneOf(facts), call)?.module !== module;
}

/** What has parts of its own, and could be changed by another name. */
function isPartRead({ base, path }: Place): boolean {
  const last = path.at(-1);
  return isGuarded({ base, path }) && !(last?.kind === "field" && /^(?:length|size)$/.test(last.name));
}

/** `guard.value`, and what is reached from that. */
function isGuarded({ path }: Place): boolean {
  return path.some((step) => step.kind === "field" && step.name === "value");
}

function isOfLock({ module, models }: Facts, operand: Operand): boolean {
  const type = operand.kind === "place" ? module.locals[operand.place.base]?.type : undefined;
  const role = type?.kind === "named" ? models.type(type.symbol) : undefined;
  return role === "lock" || role === "arc" || role === "guard";
}

type Known = string | number | boolean | bigint | null | undefined;
const open = Symbol("not known");

/** Whether the condition surely says of the first value that there is something to wait for. */
function holdsAtFirst(module: Module, condition: Body, initial: Operand): boolean {
  const [param] = condition.params;
  const [block, ...others] = condition.blocks;
  if (param === undefined || block === undefined || others.length > 0 || block.end.kind !== "return") return false;
  const { operand } = block.end;
  const value = operand === undefined ? open : knownOf(module, operand, { param: param.arrives, initial }, 8);
  return value !== open && Boolean(value);
}

interface Given {
  readonly param: LocalId;
  readonly initial: Operand;
}

function knownOf(module: Module, operand: Operand, given: Given, depth: number): Known | typeof open {
  if (operand.kind === "constant") return operand.value;
  if (operand.kind !== "place" || depth === 0) return open;
  const { base, path } = operand.place;
  if (base === given.param) return path.length === 0 ? constantOf(given.initial) : partOf(module, given.initial, path);
  const made = module.locals[base]?.kind === "temp" && path.length === 0 ? onlyDefinition(module, base) : undefined;
  if (made?.step.value.kind !== "compute") return open;
  const { operator, operands } = made.step.value;
  return computed(
    operator,
    operands.map((each) => knownOf(module, each, given, depth - 1)),
  );
}

function constantOf(operand: Operand): Known | typeof open {
  return operand.kind === "constant" ? operand.value : open;
}

/** The length of an array that is written out, and a field of an object. */
function partOf(module: Module, initial: Operand, [field, ...deeper]: Place["path"]): Known | typeof open {
  const value: Value | undefined =
    initial.kind === "place" && initial.place.path.length === 0
      ? onlyDefinition(module, initial.place.base)?.step.value
      : undefined;
  if (field?.kind !== "field" || deeper.length > 0) return open;
  if (value?.kind === "array")
    return field.name === "length" && !value.elements.some(({ spread }) => spread) ? value.elements.length : open;
  if (value?.kind !== "object" || value.fields.some(({ spread }) => spread)) return open;
  const found = value.fields.find(({ name }) => name === field.name);
  return found === undefined ? open : constantOf(found.value);
}

function computed(operator: string, values: readonly (Known | typeof open)[]): Known | typeof open {
  const [a, b] = values;
  if (typeof a === "symbol" || typeof b === "symbol") return open;
  if (operator === "!") return !a;
  if (operator === "===") return a === b;
  if (operator === "!==") return a !== b;
  if (typeof a !== "number" || typeof b !== "number") return open;
  switch (operator) {
    case "<":
      return a < b;
    case "<=":
      return a <= b;
    case ">":
      return a > b;
    case ">=":
      return a >= b;
    default:
      return open;
  }
}

function reportOf(facts: Facts, { call }: CallSite, { text, made }: MadeLock): Report {
  const { file, module, models } = facts;
  const wakers = indexModule(module).calls.flatMap(({ call: each }): Label[] => {
    const role = roleOf(module, models, each);
    return role?.kind === "borrow" && role.wakes !== undefined
      ? [{ file, ...each.spans.whole, message: "whoever is woken here looks at the value, and waits again" }]
      : [];
  });
  return {
    message: `\`${shortText(textOf(module, call.spans.whole))}\` waits for ever: nothing changes what \`${text}\` guards`,
    location: { file, ...call.spans.whole },
    label: "what it waits for is not so at first, and never will be",
    related: [{ file, ...made.spans.whole, message: "the value is made here" }, ...wakers.slice(0, 2)],
    notes: ["a notification says that the value has changed, and changes nothing itself"],
    help: [`Change the value under the lock before the notification: \`${text}.lock()\`, and \`guard.value = …\``],
    fixes: [],
    tags: [],
  };
}
