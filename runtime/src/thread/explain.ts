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
}

/** What to do about a panic whose reason is that a thread has none of the variables around its closure. */
export function explain(panic: Unexplained): string | undefined {
  if (panic.name === "ReferenceError") {
    const name = /^(\S+) is not defined$/.exec(panic.message)?.[1];
    if (name !== undefined && mentions(panic.closure, name))
      return explainName(name, panic.closure, scriptText(panic.file));
  }
  if (panic.name === "TypeError") {
    const field = /of undefined \((?:reading|setting) '(.+)'\)$/.exec(panic.message)?.[1];
    if (field !== undefined && panic.closure.includes(`this.${field}`)) {
      return `\`this\` is undefined in a thread; move what the closure needs of it: spawn(move(this.${field}), (${field}) => …)`;
    }
  }
  return undefined;
}

function explainName(name: string, closure: string, script: string): string {
  if (/^(init_|require_)\w+$|^\w+_exports$/.test(name)) {
    return `a bundler has turned the import inside the closure into \`${name}\` of the bundle; keep that import out of the bundle (esbuild: --splitting or --external)`;
  }
  const from = importedFrom(script, name) ?? compiledImport(script, closure, name);
  if (from !== undefined) {
    return `\`${from.name}\` is imported at the top of the file, and a thread has none of the file's imports; import it inside the closure: ${from.statement}`;
  }
  if (isFunctionIn(script, name)) {
    return `\`${name}\` is a function outside the closure, and functions cannot be moved; write it inside the closure, or export it from a module and import that inside: const { ${name} } = await import("./…")`;
  }
  return `\`${name}\` is a variable outside the closure, and a thread has none of the variables around it; move it in: spawn(move(${name}), (${name}) => …)`;
}

interface Import {
  readonly name: string;
  readonly statement: string;
}

/** Where a name is imported from, in modules and in what compilers make of them. */
function importedFrom(script: string, name: string): Import | undefined {
  const word = quote(name);
  const named = new RegExp(
    `import\\s[^;"']*?\\{[^}]*?(?:(\\w+)\\s+as\\s+)?\\b${word}\\b[^}]*\\}\\s*from\\s*["']([^"']+)["']`,
  );
  const whole = new RegExp(`import\\s+\\*\\s*as\\s+${word}\\s+from\\s*["']([^"']+)["']`);
  const initial = new RegExp(`import\\s+${word}\\s*(?:,[^;"']*)?from\\s*["']([^"']+)["']`);
  const required = new RegExp(`(?:const|let|var)\\s+${word}\\s*=\\s*(?:\\w+\\()?require\\(["']([^"']+)["']\\)`);
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
  return module === undefined ? undefined : { name: module, statement: `await import("${module}")` };
}

/**
 * Compilers that make CommonJS put each imported module in a variable named after it: esbuild makes `import_node_fs` of
 * `node:fs`, TypeScript makes `node_fs_1`.
 */
function compiledImport(script: string, closure: string, name: string): Import | undefined {
  const core = /^import_(\w+?)\d*$/.exec(name)?.[1] ?? /^(\w+)_\d+$/.exec(name)?.[1];
  if (core === undefined) return undefined;
  for (const [, specifier = ""] of script.matchAll(/(?:\bfrom|\brequire\(|\bimport)\s*["']([^"']+)["']/g)) {
    const base = specifier.replace(/^.*\//, "");
    const isNamed = [base, base.replace(/\.\w+$/, "")].some((text) => text.replace(/\W/g, "_") === core);
    if (!isNamed) continue;
    const members = [...closure.matchAll(new RegExp(`${quote(name)}\\.(\\w+)`, "g"))].map(([, member]) => member);
    const names = [...new Set(members)].join(", ");
    return { name: names, statement: `const { ${names} } = await import("${specifier}")` };
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
