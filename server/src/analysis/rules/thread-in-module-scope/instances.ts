/** Instances of a class that travels by importing its module. */
import type { Span } from "../../diagnostic.js";
import type { Module } from "../../mir/mir.js";
import type { ThreadStart } from "../../threads/starts.js";

/** What is moved and is an instance of a class of this very module, which says that the module makes it. */
export function movesOwnInstance(module: Module, { moved }: ThreadStart): Span | undefined {
  // Where the class says another module, that one is imported.
  if (!/\bmodule:\s*import\.meta\.url\b/.test(module.text)) return undefined;
  for (const { argument } of moved ?? []) {
    const isOwn = (argument.parts ?? []).some(
      ({ path, type, instance }) =>
        path === "" &&
        instance &&
        type.kind === "named" &&
        type.symbol.file === module.file &&
        type.statics?.includes("@send") === true,
    );
    if (isOwn) return argument.value.span;
  }
  return undefined;
}
