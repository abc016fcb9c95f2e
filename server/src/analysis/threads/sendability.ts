/** Whether a value can be given to a thread, and in which form. */
import type { Local } from "../mir/mir.js";
import type { Models } from "../models/model.js";
import type { TypeKey } from "../program/program.js";
import { type HostObstacle, type HostType, hostTypeOf } from "./host-types.js";

export type Sendability =
  /** A copy arrives; the parent keeps its own. */
  | { readonly kind: "copied" }
  /** The parent loses it, unless it moves a second handle made by `clone()`. */
  | { readonly kind: "cloned"; readonly of: "arc" | "sender" }
  /** The parent's buffer is emptied, unless it moves a copy made by `slice(0)`. */
  | { readonly kind: "transferred" }
  /** The parent loses it for good. */
  | { readonly kind: "given" }
  /** `why` goes on after "`v` is": "a function". */
  | { readonly kind: "never"; readonly why: string; readonly obstacle: Obstacle };

/**
 * What is in the way: the value is bound to its thread, is of no use to another, or would arrive without its methods; it may be a
 * method or a function of its own; it can only be moved, and is not.
 */
export type Obstacle = HostObstacle | "owned" | "platform" | "instance" | "method" | "unlisted";

const copied: Sendability = { kind: "copied" };

/** Parts of a page and of the process, by how their classes are called. */
const ofThePlatform =
  /(?:Element|Node|Document|Window|Socket|Server|Stream|Emitter|Timeout|Immediate|Worker|Request|Response)$/;

/** What TypeScript's own declarations come in: the default library and Node's. */
const ambient = new Set(["typescript", "@types/node"]);

/** Of a variable. */
export function sendability(models: Models, local: Local): Sendability {
  if (local.function !== undefined || local.kind === "function") return never("function", "a function");
  if (local.kind === "class") return never("function", "a class");
  if (local.kind === "namespace") return never("function", "a namespace");
  return local.type === undefined ? copied : ofType(models, local.type);
}

function never(obstacle: Obstacle, why: string): Sendability {
  return { kind: "never", why, obstacle };
}

/** Of a value of a type: what it holds counts too, as far as the type shows it. */
export function ofType(models: Models, type: TypeKey): Sendability {
  switch (type.kind) {
    case "function":
      return never("function", "a function");
    case "primitive":
      return type.name === "symbol" ? never("symbol", "a symbol") : copied;
    case "array":
      return ofParts(models, [type.element]);
    case "tuple":
      return ofParts(models, type.elements);
    case "union":
      return strictest(type.members.map((member) => ofType(models, member)));
    case "object":
    case "unknown":
      return copied;
    case "named":
      return ofNamed(models, type);
  }
}

/** A collection is copied, unless something in it cannot be. */
function ofParts(models: Models, parts: readonly TypeKey[]): Sendability {
  const worst = strictest(parts.map((part) => ofType(models, part)));
  return worst.kind === "never" ? never(worst.obstacle, `a collection of values of which each is ${worst.why}`) : worst;
}

function strictest(all: readonly Sendability[]): Sendability {
  const order = ["never", "given", "cloned", "transferred", "copied"];
  return all.reduce((a, b) => (order.indexOf(a.kind) <= order.indexOf(b.kind) ? a : b), copied);
}

function ofNamed(models: Models, type: TypeKey & { readonly kind: "named" }): Sendability {
  const { symbol } = type;
  if (models.isShared(symbol)) return copied;
  const modelled = models.type(symbol);
  switch (modelled) {
    case "arc":
    case "sender":
      return { kind: "cloned", of: modelled };
    case "lock":
    case "atomic":
    case "receiver":
      return { kind: "given" };
    case "handle":
      return never("owned", "the handle of a thread, which stays with the thread that joins it");
    case "guard":
      return never("owned", "the guard of a lock, which stays with the thread that locked it");
    case "scope":
      return never("owned", "the scope of this thread's own threads");
    case "result":
    case "moved":
    case undefined:
      break;
  }
  if (symbol.package !== undefined && ambient.has(symbol.package)) return ofAmbient(models, type);
  // A class with a static `[thread.send]` says how its instances travel.
  if (type.statics !== undefined && !type.statics.includes("@send"))
    return never("instance", `an instance of the class \`${symbol.name}\`, which would lose its methods`);
  return copied;
}

function ofAmbient(models: Models, named: TypeKey & { readonly kind: "named" }): Sendability {
  const { symbol, args } = named;
  const own = hostTypeOf(symbol.name);
  const name = symbol.name.replace(/^.*\./, "");
  const type = own ?? inheritedHostType(named);
  switch (type) {
    case "transferable": {
      const shared = args.some((arg) => arg.kind === "named" && arg.symbol.name === "SharedArrayBuffer");
      return shared ? copied : { kind: "transferred" };
    }
    case "movable":
    case "given":
      return { kind: "given" };
    case "listed":
      return never("platform", withArticle(name));
    case "bridged":
      return copied;
    case "copied":
      return own === undefined ? copied : ofParts(models, args);
    case "function":
    case "symbol":
    case "promise":
    case "weak":
    case "host":
      return never(type, withArticle(name));
    case undefined:
      return ofThePlatform.test(name) ? never("platform", withArticle(name)) : copied;
  }
}

/** A request of Node's is a stream, and a mouse event is an event. */
export function hostTypeOfNamed(type: TypeKey & { readonly kind: "named" }): HostType | undefined {
  const { package: from, name } = type.symbol;
  return from !== undefined && ambient.has(from) ? (hostTypeOf(name) ?? inheritedHostType(type)) : undefined;
}

function inheritedHostType({ bases, exposed }: TypeKey & { readonly kind: "named" }): HostType | undefined {
  const inherited = bases.flatMap(({ name }) => hostTypeOf(name) ?? []);
  const kept = inherited.find((type) => handsDown.has(type));
  return kept ?? (exposed === true || inherited.includes("host") ? "host" : undefined);
}

/** What a class has of one that it extends, even if it is a part of a page, too. */
const handsDown: ReadonlySet<HostType> = new Set(["copied", "transferable", "movable", "given"]);

/** By how the name is spoken: an `HTMLElement`, a `URL`. */
export function withArticle(name: string): string {
  return `${/^(?:[AEIO]|HTML|RTC|SVG|XML|XR|XPath)/.test(name) ? "an" : "a"} \`${name}\``;
}
