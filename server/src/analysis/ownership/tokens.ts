/** Makes tracked values. */
import { begin, type Protocol } from "./protocol.js";
import { type AbstractValue, just } from "./value.js";
import { forget, freshToken, happen, type World } from "./world.js";

/**
 * A new value. One that was made at the same place in an earlier turn, and is still followed, becomes *an earlier one*.
 *
 * @param site Names the place where it is made.
 */
export function makeToken(world: World, site: string, protocol: Protocol, channel?: string): AbstractValue {
  const [latest, earlier] = [`${site}#latest`, `${site}#earlier`];
  const kept = world.tokens.get(latest);
  if (kept !== undefined) {
    // Two individuals under one name would be taken for each other.
    if (protocol.individual) happen(world, [earlier], "excuse");
    world.tokens.set(earlier, kept);
    world.tokens.delete(latest);
    forget(world, (atom) => ("token" in atom && atom.token === latest ? { ...atom, token: earlier } : atom));
  }
  world.tokens.set(latest, freshToken(begin(protocol), site, channel));
  return just({ kind: "tracked", token: latest });
}
