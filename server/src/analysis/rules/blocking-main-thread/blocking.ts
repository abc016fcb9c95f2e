/** Which calls block the thread that makes them. */
import type { Facts } from "../../facts.js";
import type { Call } from "../../mir/mir.js";
import { roleOf } from "../../models/roles.js";
import { numberOf } from "../../threads/constants.js";

/** `lock`: only where somebody else holds it. */
export type Blocking = "always" | "lock";

/** Undefined where the call does not block, or for no time. */
export function blocks({ module, models }: Pick<Facts, "module" | "models">, call: Call): Blocking | undefined {
  const role = roleOf(module, models, call);
  switch (role?.kind) {
    case "lock":
      return role.mode === "sync" && role.waits !== "never" ? "lock" : undefined;
    case "join":
    case "relock":
      return role.mode === "sync" ? "always" : undefined;
    case "send":
      return role.mode === "sync" && role.waits === "room" ? "always" : undefined;
    case "wait": {
      if (role.mode !== "sync") return undefined;
      const time = role.until === "cell" ? call.args[3] : role.until === "time" ? call.args[0] : undefined;
      return time !== undefined && numberOf(module, time.value) === 0 ? undefined : "always";
    }
    default:
      return undefined;
  }
}
