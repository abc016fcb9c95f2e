/** What the calls around a worker do: the object that starts a file on a thread, and the messages to and from it. */
import type { Role } from "../models/model.js";
import type { CallParts } from "./calls.js";
import { type Origin, roleOf } from "./engine.js";
import { makeTracked, sitesOf } from "./made.js";
import { parameterProtocol, workerProtocol } from "./protocols.js";
import { type AbstractValue, directTokens, tokensIn, unknown } from "./value.js";
import { befall, giveAway, happen, reachable, type World } from "./world.js";

export type WorkerRole = Extract<Role, { kind: "worker" | "listen" | "post" | "task" }>;

/** Whoever listens to one of these is told when the worker ends, or has done something. */
const telling: ReadonlySet<string> = new Set(["error", "exit", "message", "messageerror"]);

/** @param origin what each argument has to do with a new state */
export function workerValue(
  role: WorkerRole,
  parts: CallParts,
  world: World,
  origin: (index: number) => Origin,
): AbstractValue {
  const { frame, call, args, receiver } = parts;
  switch (role.kind) {
    case "worker": {
      const transferred = reachable(world, transferLists(world, args[1], "transferList"));
      for (const [index, arg] of args.entries()) giveAway(world, arg, "escape", origin(index));
      happen(world, transferred, "move", origin(1));
      return makeTracked(parts, world, { protocol: workerProtocol });
    }
    case "listen": {
      const event = call.args[0]?.value;
      const tells = event?.kind !== "constant" || telling.has(String(event.value));
      if (tells) {
        for (const site of sitesOf(frame, world, receiver)) site.met = true;
        happen(world, tokensIn(receiver), "detach");
      }
      for (const [index, arg] of args.entries()) giveAway(world, arg, "escape", origin(index));
      return call.method === "addEventListener" ? unknown : receiver;
    }
    case "post":
      // What is posted is copied, but for what is in the list behind it.
      for (const [index, arg] of args.entries()) {
        if (index === 0 && (args.length > 1 || role.alone === undefined))
          happen(world, reachable(world, [arg]), "use", origin(index));
        else befall(world, arg, "move", origin(index));
      }
      return unknown;
    case "task": {
      const { transfers, data } = role;
      const list = transfers && transferLists(world, args[transfers.argument], transfers.field);
      for (const [index, arg] of args.entries()) {
        if (index === data)
          happen(world, reachable(world, [arg]), isMarked(parts, index) ? "move" : "use", origin(index));
        else if (index !== transfers?.argument) giveAway(world, arg, "escape", origin(index));
      }
      if (transfers !== undefined && list !== undefined)
        happen(world, reachable(world, list), "move", origin(transfers.argument));
      return unknown;
    }
  }
}

/** `pool.run(Piscina.move(buffer))` */
function isMarked({ frame, call }: CallParts, index: number): boolean {
  const operand = call.args[index]?.value;
  if (operand?.kind !== "place" || operand.place.path.length > 0) return false;
  const made = frame.engine.conditions.definition(operand.place.base);
  return made?.kind === "call" && roleOf(frame.engine, made)?.kind === "mark";
}

/** What the options of a new worker, or of a task, transfer: the list in a field of them, or they themselves. */
function transferLists(
  world: World,
  options: AbstractValue = unknown,
  field: string | undefined,
): readonly AbstractValue[] {
  if (field === undefined) return [options];
  return options.atoms.flatMap((atom) =>
    atom.kind === "object" ? (world.objects.get(atom.object)?.fields.get(field) ?? []) : [],
  );
}

/** `worker.onmessage = …` listens too, to a worker that a parameter brings as well. */
export function noteHandler(world: World, target: AbstractValue, field: string): void {
  if (!field.startsWith("on")) return;
  const workers = directTokens(target).filter((id) => {
    const protocol = world.tokens.get(id)?.protocol;
    return protocol === workerProtocol || protocol === parameterProtocol;
  });
  happen(world, workers, "detach");
}
