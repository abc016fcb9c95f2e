/** What waiting for a value does: joins happen, and a handle in place of the promise of its join is noted. */
import type { Operand, Step } from "../mir/mir.js";
import { noteJoin } from "./endless.js";
import type { AwaitedHandle, Frame } from "./engine.js";
import { handleProtocol } from "./protocols.js";
import type { At } from "./transfer.js";
import { type AbstractValue, eitherOf, just, makeValue, type TokenId, unknown } from "./value.js";
import { happen, type World } from "./world.js";

export interface Awaiting {
  readonly value: AbstractValue;
  readonly operand: Operand;
  /** `element`: of a `for await`, which gives what is no promise as it is, for the loop to join. */
  readonly kind: AwaitedHandle["kind"] | "element";
  readonly at: At;
}

/** What `await` gives: a pending join is joined, a promise's value comes out, and a handle stays what it is. */
export function awaited(frame: Frame, world: World, { value, operand, kind, at }: Awaiting): AbstractValue {
  join(frame, world, value, at.step);
  const parts: AbstractValue[] = [];
  for (const atom of value.atoms) {
    switch (atom.kind) {
      case "pending":
        break;
      case "promise":
        parts.push(settled(frame, world, atom.of, at.step));
        break;
      case "tracked":
        if (kind !== "element" && isOwnHandle(world, atom.token))
          noteAwaitedHandle(frame, world, atom.token, { operand, kind, at });
        else parts.push(just(atom));
        break;
      case "result":
      case "object":
      case "function":
      case "code":
      case "test":
        parts.push(just(atom));
        break;
      default:
        atom satisfies never;
    }
  }
  const tracked = parts.filter((part) => part.atoms.length > 0);
  return tracked.length === 0 ? unknown : makeValue(eitherOf(tracked).atoms, eitherOf(tracked).other | value.other);
}

/** Promises in a promise's value are waited for with it. */
function settled(frame: Frame, world: World, value: AbstractValue, step: Step): AbstractValue {
  join(frame, world, value, step);
  return { atoms: value.atoms.filter((atom) => atom.kind !== "pending"), other: value.other };
}

/** Waits for the joins that are pending in a value. */
function join(frame: Frame, world: World, value: AbstractValue, step: Step): void {
  const pending = value.atoms.flatMap((atom) => (atom.kind === "pending" ? [atom.token] : []));
  for (const token of pending) {
    const site = frame.engine.sites.get(world.tokens.get(token)?.site ?? "");
    if (site !== undefined) site.met = true;
  }
  noteJoin(frame, world, pending, step);
  happen(world, pending, "join");
  joinPooled(world, pending);
}

/** Who waits for a pool waits for all that was started on it. */
function joinPooled(world: World, pools: readonly TokenId[]): void {
  const joined = world.tokens.keysOf(({ pool }) => pool !== undefined && pools.includes(pool));
  if (joined.length > 0) happen(world, joined, "join");
}

/** A handle that this body, or one that it calls, made. */
export function isOwnHandle(world: World, id: TokenId): boolean {
  const token = world.tokens.get(id);
  return token?.protocol === handleProtocol && !token.parameter;
}

export function noteAwaitedHandle(
  frame: Frame,
  world: World,
  token: string,
  { operand, kind, at }: Omit<Awaiting, "value" | "kind"> & Pick<AwaitedHandle, "kind">,
): void {
  const site = world.tokens.get(token)?.site;
  happen(world, [token], "excuse");
  if (!frame.reports) return;
  const { span } = at.step;
  frame.engine.awaited.set(`${span.start}:${span.end}`, {
    body: frame.info.body.id,
    step: at.step,
    operand,
    kind,
    site: site === undefined ? undefined : frame.engine.sites.get(site),
  });
}
