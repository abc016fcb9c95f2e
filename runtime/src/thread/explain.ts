import { isBundledImport } from "../worker/bundled.js";
import { readFileSync } from "../worker/node.js";
import { toPath } from "../worker/position.js";

/** A panic to be explained, and the closure it came from. */
export interface Unexplained {
  /** The name of the error's class. */
  readonly name: string;
  readonly message: string;
  /** The closure's text. */
  readonly closure: string;
  /** The script it was written in. */
  readonly file: string | undefined;
  /** What the source calls what stands at the place, and its text. */
  readonly original: { readonly name: string; readonly text: string } | undefined;
}

/** What to do about a panic whose reason is that a thread has none of the variables around its closure. */
export function explain(panic: Unexplained): string | undefined {
  if (panic.name === "ReferenceError") {
    const name = /^(\S+) is not defined$/.exec(panic.message)?.[1];
    if (name !== undefined && mentions(panic.closure, name)) return explainMissing(name, panic);
  }
  if (panic.name === "TypeError") {
    const field = /of undefined \((?:reading|setting) '(.+)'\)$/.exec(panic.message)?.[1];
    if (field !== undefined && panic.closure.includes(`this.${field}`)) {
      return `\`this\` is undefined in a thread; move what the closure needs of it: spawn(move(this.${field}), (${field}) => …)`;
    }
  }
  if (panic.name === "SyntaxError" && panic.message.includes("import.meta")) {
    return "`import.meta` belongs to the module that the closure was written in; move what is needed of it: spawn(move(import.meta.url), (url) => …)";
  }
  return undefined;
}

function explainMissing(name: string, { closure, file, original }: Unexplained): string {
  if (isBundledImport(closure, name)) return explainBundled(name);
  // A name of one or two letters may be a minifier's, though the source has it too.
  const isKept =
    original === undefined ||
    helper.test(name) ||
    original.name === name ||
    (name.length > 2 && mentions(original.text, name));
  if (isKept) return explainName(name, closure, `${scriptText(file)}\n${original?.text ?? ""}`);
  return `${explainName(original.name, closure, original.text)} (\`${name}\` is what the compiled script calls it)`;
}

/** The names of helpers: TypeScript's and esbuild's begin with two underscores, those of swc and Babel have several words. */
const helper = /^(?:__[a-z]\w*|_[a-z]+(?:_[a-z0-9]+)+)$/;

function explainName(name: string, closure: string, script: string): string {
  if (/^(init_|require_)\w+$|^\w+_exports$/.test(name)) return explainBundled(name);
  if (/^_apply_decs_\w+$/.test(name)) {
    return `\`${name}\` is what swc makes of decorators, and a thread does not have it; write the class in a module that the closure imports`;
  }
  const from = importedFrom(script, closure, name) ?? compiledImport(script, closure, name);
  if (from !== undefined) {
    return `\`${from.name}\` is imported at the top of the file, and a thread has none of the file's imports; import it inside the closure: ${from.statement}${orItems(closure)}`;
  }
  if (helper.test(name) && !name.endsWith("__")) {
    return `\`${name}\` is a function that the compiler puts beside the closure, and a thread does not have this one; compile for ES2022 or later, which needs fewer of them, or write what needs it in a module that the closure imports`;
  }
  if (isFunctionIn(script, name)) {
    return `\`${name}\` is a function outside the closure, and functions cannot be moved; write it inside the closure, or export it from a module and import that inside: const { ${name} } = await import("./…")${orItems(closure)}`;
  }
  return `\`${name}\` is a variable outside the closure, and a thread has none of the variables around it; move it in: spawn(move(${name}), (${name}) => …)`;
}

/** What would give it what it misses, where that is not on. */
function orItems(closure: string): string {
  const isOn = closure.includes("__threadItems");
  return isOn ? "" : "; or turn on static items, for all of the file: node --import fearless-threads/register";
}

function explainBundled(name: string): string {
  return `a bundler has turned the import inside the closure into \`${name}\` of the bundle; keep that import out of the bundle (esbuild: --splitting or --external)`;
}

interface Import {
  readonly name: string;
  readonly statement: string;
}

/** Where a name is imported from, in modules and in what compilers make of them. */
function importedFrom(script: string, closure: string, name: string): Import | undefined {
  const word = quote(name);
  const named = new RegExp(
    `import\\s[^;"']*?\\{[^}]*?(?:(\\w+)\\s+as\\s+)?\\b${word}\\b[^}]*\\}\\s*from\\s*["']([^"']+)["']`,
  );
  const whole = new RegExp(`import\\s+\\*\\s*as\\s+${word}\\s+from\\s*["']([^"']+)["']`);
  const initial = new RegExp(`import\\s+${word}\\s*(?:,[^;"']*)?from\\s*["']([^"']+)["']`);
  const required = new RegExp(`(?:const|let|var)\\s+${word}\\s*=\\s*(?:[\\w.]+\\()?require\\(["']([^"']+)["']\\)`);
  const parts = named.exec(script);
  if (parts !== null) {
    const [, original, from = ""] = parts;
    return {
      name,
      statement: `const { ${original === undefined ? name : `${original}: ${name}`} } = await import("${from}")`,
    };
  }
  const start = whole.exec(script)?.[1];
  if (start !== undefined) return { name, statement: `const ${name} = await import("${start}")` };
  const fallback = initial.exec(script)?.[1];
  if (fallback !== undefined) return { name, statement: `const { default: ${name} } = await import("${fallback}")` };
  const module = required.exec(script)?.[1];
  return module === undefined ? undefined : importOf(membersOf(closure, name), module, name);
}

/** What a closure uses of a module's variable: `a` and `b` of `(0, m.a)()` and `m.b`. */
function membersOf(closure: string, name: string): readonly string[] {
  const members = [...closure.matchAll(new RegExp(`(?<![\\w$.])${quote(name)}\\.([\\w$]+)`, "g"))];
  return [...new Set(members.map(([, member = ""]) => member))];
}

function importOf(members: readonly string[], from: string, name: string): Import {
  if (members.length === 0) return { name, statement: `const ${name} = await import("${from}")` };
  const names = members.join(", ");
  return { name: names, statement: `const { ${names} } = await import("${from}")` };
}

/**
 * Compilers that make CommonJS put each imported module in a variable named after it: esbuild makes `import_node_fs` of
 * `node:fs`, TypeScript `node_fs_1`, swc `_nodefs`. Vite numbers them, and leaves no script to look into.
 */
function compiledImport(script: string, closure: string, name: string): Import | undefined {
  const members = membersOf(closure, name);
  if (/^__vi(?:te_ssr)?_import_\d+__$|__WEBPACK_IMPORTED_MODULE_\d+__$/.test(name)) {
    const [member = name] = members;
    return importedFrom(script, closure, member) ?? { name: member, statement: "await import(…)" };
  }
  const core = /^import_(\w+?)\d*$/.exec(name)?.[1] ?? /^(\w+)_\d+$/.exec(name)?.[1] ?? /^_(\w+)$/.exec(name)?.[1];
  if (core === undefined) return undefined;
  for (const [, specifier = ""] of script.matchAll(/(?:\bfrom|\brequire\(|\bimport)\s*["']([^"']+)["']/g)) {
    const base = specifier.replace(/^.*\//, "");
    const isNamed = [base, base.replace(/\.\w+$/, "")].some(
      (text) => text.replace(/\W/g, "_") === core || text.replace(/\W/g, "") === core,
    );
    if (isNamed && members.length > 0) return importOf(members, specifier, name);
  }
  return undefined;
}

function isFunctionIn(script: string, name: string): boolean {
  const word = quote(name);
  const declared = new RegExp(`function\\s*\\*?\\s*${word}\\s*\\(`);
  const assigned = new RegExp(
    `(?:const|let|var)\\s+${word}\\s*(?::[^=]+)?=\\s*(?:async\\s*)?(?:function\\b|\\([^)]*\\)\\s*(?::[^=]+)?=>|\\w+\\s*=>)`,
  );
  return declared.test(script) || assigned.test(script);
}

function mentions(closure: string, name: string): boolean {
  return new RegExp(`(?<![\\w$.])${quote(name)}(?![\\w$])`).test(closure);
}

function quote(name: string): string {
  return name.replace(/[$]/g, "\\$&");
}

function scriptText(file: string | undefined): string {
  try {
    return file === undefined ? "" : readFileSync(toPath(file), "utf8");
  } catch {
    return "";
  }
}
