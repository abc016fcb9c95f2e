// Looking at everything a closure could have changed costs more than running a small one. Most small ones cannot change
// anything that the next one would see, and their text shows it.

/** What a closure's text can get hold of. */
export interface Reach {
  /** Whether it may change what outlives it: a global, a built-in object, a module. */
  readonly global: boolean;
  /** Whether it may leave something running that does not show. */
  readonly hidden: boolean;
  /** Whether it may leave a promise that is rejected, or a call that throws, after it has returned. */
  readonly promises: boolean;
  /** Whether it may do more than compute: print, or start something. */
  readonly acts: boolean;
  /** The globals that it names. */
  readonly names: readonly string[];
}

/** Ways from any object to what all objects share, and from one text to another one. */
const doors =
  /^(?:constructor|prototype|__\w+__|import|eval|assign|define\w*|[gs]etPrototypeOf|getOwn\w*|freeze|seal)$/;

/** What cannot be changed. */
const constants = new Set(["undefined", "NaN", "Infinity"]);

/** Built-in makers and toolboxes, harmless where they are only called or asked for a constant. */
const builtIns =
  /^(?:Object|Array|String|Number|Boolean|BigInt|Symbol|Promise|Map|Set|Date|RegExp|Math|JSON|Atomics|DataView|(?:\w*[a-z])?Error|(?:Shared)?ArrayBuffer|(?:Bigu?int|Int|Uint|Uint8Clamped|Float|BigInt|BigUint)\w*Array|isNaN|isFinite|parseInt|parseFloat|structuredClone)$/;

/** Globals that act when they are called, and are done then; and those that call back later. Both are as harmless. */
const prompt = /^(?:console|performance|crypto|Buffer|URL|URLSearchParams|TextEncoder|TextDecoder|btoa|atob)$/;
const lasting = /^(?:fetch|AbortController|AbortSignal|queueMicrotask|(?:set|clear)(?:Timeout|Interval|Immediate))$/;
/** A call, of it or of a member, or a constant that is not written to. */
const harmlessUse = /\s*(?:\.\s*\w+\s*)?\(|\s*\.\s*[A-Z][A-Z0-9_]*\b(?!\s*(?:[-+*/%&|^?<>]{0,3}=(?!=)|\+\+|--|[.[]))/y;

/** What a closure's text can get hold of; where that is not plain, it can. */
export function reachOf(source: string): Reach {
  let global = /\\[ux]/.test(source); // A name may be written with an escape.
  const names = new Set<string>();
  let acts = false;
  let later = false;
  for (const { 0: name, index } of source.matchAll(/[\p{ID_Start}$_][\p{ID_Continue}$]*/gu)) {
    if (doors.test(name)) global = true;
    const isProperty = source[index - 1] === "." && source[index - 2] !== ".";
    if (isProperty || constants.has(name) || !Object.hasOwn(globalThis, name)) continue;
    names.add(name);
    if (!builtIns.test(name)) {
      acts = true;
      if (lasting.test(name)) later = true;
      else if (!prompt.test(name)) global = true;
    }
    if (!isHarmless(source, index + name.length)) global = true;
  }
  const promises = global || later || names.has("Promise") || /\b(?:async|then)\b/.test(source);
  return { global, hidden: /\bunref\b/.test(source), promises, acts, names: [...names] };
}

function isHarmless(source: string, end: number): boolean {
  harmlessUse.lastIndex = end;
  return harmlessUse.test(source);
}
