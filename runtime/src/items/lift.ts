import MagicString, { Bundle } from "magic-string";
import { type Lifted, liftedIn } from "./closures.js";
import { awaitedImport, type Item, type Items, itemsOf } from "./items.js";
import { parse, type Range, type Script, type Variable } from "./parse.js";
import { composed, type SourceMap, withoutMap } from "./sourceMap.js";

/** A script whose threads have the items of their file. */
export interface LiftedScript {
  readonly code: string;
  /** From the code back to what the given text came from. */
  readonly map: SourceMap;
}

/** In what was lifted before, and in the library itself. */
const markName = "fearless-threads items";

/**
 * Whether a file may have something to lift, by a look at its text: everything else is not even parsed. Packages are only
 * looked at where they use the library.
 */
export function mayHaveItems(text: string, file: string): boolean {
  if (!/\bspawn\b|\bThreadPool\b/.test(text) || text.includes(markName)) return false;
  return !/[\\/]node_modules[\\/]/.test(file) || text.includes("fearless-threads");
}

/**
 * Gives the closures that a script spawns the items of the script: its imports, functions, classes and constants, as a
 * function in Rust has those of its module.
 *
 * All of them go into one function at the end of the script, which takes the number of a closure, brings in what that one
 * needs and runs it. Its text is what travels to a thread (see `thread/items.ts`), so that nothing has to be found there but
 * the modules that are imported, and threads that a thread starts have it again.
 *
 * @param code JavaScript, a module or CommonJS.
 * @param file what its source is called in the map: a URL or a path.
 * @returns nothing where no closure of the script needs an item, or the script is none.
 */
export function liftItems(code: string, file: string): LiftedScript | undefined {
  if (!mayHaveItems(code, file)) return undefined;
  const script = parse(withoutMap(code));
  if (script === undefined) return undefined;
  const items = itemsOf(script);
  const lifted = liftedIn(script, items);
  if (lifted.length === 0) return undefined;
  const bundle = write(script, items, lifted, file);
  return {
    code: bundle.toString(),
    map: composed(bundle.generateDecodedMap({ hires: "boundary", includeContent: true }), code, file),
  };
}

function write(script: Script, items: Items, lifted: readonly Lifted[], file: string): Bundle {
  const names = Object.fromEntries(ownNames.map((name) => [name, unused(name, script.text)])) as OwnNames;
  const { __threadItem: tag, __threadItems: lift, __threadIndex: index, __threadValues: values } = names;
  /** A part of the script, in which closures are marked. */
  const marked = (part: Range): MagicString => {
    const text = new MagicString(script.text);
    for (const [number, { given }] of lifted.entries()) {
      if (isInside(given, part))
        text.appendRight(given.start, `${tag}(`).appendLeft(given.end, `, ${lift}, ${number})`);
    }
    return text.snip(part.start, part.end);
  };
  const bundle = new Bundle({ separator: "" });
  const say = (text: string): void => void bundle.append(text);
  const copy = (part: Range): void => void bundle.addSource({ filename: file, content: marked(part) });
  const when = (by: readonly number[]): string =>
    by.length === lifted.length ? "" : `if ([${by.join(", ")}].includes(${index})) `;
  const tagging = `function ${tag}(f, items, index) { if (typeof f === "function") Reflect.defineProperty(f, Symbol.for("${markName}"), { value: { items, index }, configurable: true }); return f; }\n`;
  const needed = inOrder(items, lifted);
  copy({ start: 0, end: script.text.length });
  say(`\n${tagging}async function ${lift}(${index}, ...${values}) {\n${startsThreads(needed, lifted) ? tagging : ""}`);
  const declared = needed.flatMap(({ names }) => names);
  if (declared.length > 0) say(`let ${declared.join(", ")};\n`);
  for (const { declaration, names, by } of importsOf(needed)) {
    say(`${when(by)}${awaitedImport(script, declaration, names)}\n`);
  }
  for (const { item, by } of needed) {
    if (item.kind === "import") continue;
    if (item.kind !== "function") say(when(by));
    if (item.kind === "class") say(`${item.name} = `);
    if (item.kind === "constant") say("(");
    copy(item.range);
    say(item.kind === "constant" ? ");\n" : ";\n");
  }
  for (const [number, { text }] of lifted.entries()) {
    say(`${number === 0 ? "return [" : ", "}() => (`);
    copy(text);
    say(")");
  }
  say(`][${index}]()(...${values});\n}\n`);
  return bundle;
}

/** What is declared beside what the script has. */
const ownNames = ["__threadItem", "__threadItems", "__threadIndex", "__threadValues"] as const;
type OwnNames = Readonly<Record<(typeof ownNames)[number], string>>;

/** An item that some closures need. */
interface Needed {
  readonly item: Item;
  /** What has to be declared for it. */
  readonly names: readonly string[];
  /** The numbers of the closures. */
  readonly by: readonly number[];
}

/** What is needed, in the order in which it is written. A declaration of several names is one. */
function inOrder(items: Items, lifted: readonly Lifted[]): readonly Needed[] {
  const needed = new Map<number, { item: Item; names: readonly string[]; by: Set<number> }>();
  for (const [variable, item] of items.all) {
    const users = lifted.flatMap(({ needs }, index) => (needs.has(variable) ? [index] : []));
    if (users.length === 0) continue;
    const known = needed.get(item.range.start) ?? { item, names: namesOf(variable, item), by: new Set() };
    for (const user of users) known.by.add(user);
    needed.set(item.range.start, known);
  }
  return [...needed.values()]
    .map(({ by, ...rest }) => ({ ...rest, by: [...by].sort((a, b) => a - b) }))
    .sort((a, b) => a.item.range.start - b.item.range.start);
}

function namesOf(variable: Variable, item: Item): readonly string[] {
  if (item.kind === "function") return [];
  return item.kind === "constant" ? item.names : [variable.name];
}

/** Whether what is lifted starts threads that need items, too. */
function startsThreads(needed: readonly Needed[], lifted: readonly Lifted[]): boolean {
  const copied = [...needed.map(({ item }) => item.range), ...lifted.map(({ text }) => text)];
  return lifted.some(({ given }) => copied.some((part) => isInside(given, part)));
}

/** Whether something is a part, and not the whole. */
function isInside(inner: Range, outer: Range): boolean {
  return outer.start < inner.start && inner.end <= outer.end;
}

type Import = Extract<Item, { kind: "import" }>["declaration"];

/** The imports, each with what is wanted of it. */
function importsOf(
  needed: readonly Needed[],
): readonly { readonly declaration: Import; readonly names: ReadonlySet<string>; readonly by: readonly number[] }[] {
  const imports = new Map<Import, { names: Set<string>; by: Set<number> }>();
  for (const { item, names, by } of needed) {
    if (item.kind !== "import") continue;
    const known = imports.get(item.declaration) ?? { names: new Set(), by: new Set() };
    for (const name of names) known.names.add(name);
    for (const user of by) known.by.add(user);
    imports.set(item.declaration, known);
  }
  return [...imports].map(([declaration, { names, by }]) => ({ declaration, names, by: [...by] }));
}

/** A name that the text does not have. */
function unused(name: string, text: string): string {
  return text.includes(name) ? unused(`${name}$`, text) : name;
}
