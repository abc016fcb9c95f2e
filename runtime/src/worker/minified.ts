import { looksMinified } from "./alone.js";
import { readFileSync } from "./node.js";
import { toPath } from "./position.js";

// A minifier gives the helpers that esbuild puts at the start of a bundle new names. What each of them does cannot be
// shortened, so they are known by that.

/** `I` stands for an identifier. */
const shapes: Readonly<Record<string, string>> = {
  __defProp: String.raw`Object\.defineProperty[,;]`,
  __defProps: String.raw`Object\.defineProperties[,;]`,
  __getOwnPropDescs: String.raw`Object\.getOwnPropertyDescriptors[,;]`,
  __getOwnPropDesc: String.raw`Object\.getOwnPropertyDescriptor[,;]`,
  __getOwnPropSymbols: String.raw`Object\.getOwnPropertySymbols[,;]`,
  __getProtoOf: String.raw`Object\.getPrototypeOf[,;]`,
  __hasOwnProp: String.raw`Object\.prototype\.hasOwnProperty[,;]`,
  __propIsEnum: String.raw`Object\.prototype\.propertyIsEnumerable[,;]`,
  __reflectGet: String.raw`Reflect\.get[,;]`,
  __reflectSet: String.raw`Reflect\.set[,;]`,
  __knownSymbol: String.raw`\(I,I\)=>\(I=Symbol\[I\]\)\?I:Symbol\.for\("Symbol\."\+I\)`,
  __typeError: String.raw`I=>\{throw TypeError\(I\)\}`,
  __defNormalProp: String.raw`\(I,I,I\)=>I in I\?I\(I,I,\{enumerable:!0,`,
  __spreadValues: String.raw`\(I,I\)=>\{for\(var I in I\|\|\(I=\{\}\)\)`,
  __spreadProps: String.raw`\(I,I\)=>I\(I,I\(I\)\)[,;]`,
  __name: String.raw`\(I,I\)=>I\(I,"name",\{value:I,configurable:!0\}\)`,
  __objRest: String.raw`\(I,I\)=>\{var I=\{\};for\(var I in I\)`,
  __publicField: String.raw`\(I,I,I\)=>I\(I,typeof I!="symbol"\?I\+"":I,I\)`,
  __accessCheck: String.raw`\(I,I,I\)=>I\.has\(I\)\|\|I\("Cannot "\+I\)`,
  __privateIn: String.raw`\(I,I\)=>Object\(I\)!==I\?I\('Cannot use the "in" operator`,
  __privateGet: String.raw`\(I,I,I\)=>\(I\(I,I,"read from private field"\)`,
  __privateAdd: String.raw`\(I,I,I\)=>I\.has\(I\)\?I\("Cannot add the same private member`,
  __privateSet: String.raw`\(I,I,I,I\)=>\(I\(I,I,"write to private field"\)`,
  __privateMethod: String.raw`\(I,I,I\)=>\(I\(I,I,"access private method"\)`,
  __privateWrapper: String.raw`\(I,I,I,I\)=>\(\{set _\(I\)\{`,
  __superGet: String.raw`\(I,I,I\)=>I\(I\(I\),I,I\)[,;]`,
  __superSet: String.raw`\(I,I,I,I\)=>\(I\(I\(I\),I,I,I\),I\)`,
  __template: String.raw`\(I,I\)=>I\(I\(I,"raw",\{value:I\(I\|\|I\.slice\(\)\)\}\)\)`,
  __await: String.raw`function\(I,I\)\{this\[0\]=I,this\[1\]=I\}`,
  __async: String.raw`\(I,I,I\)=>new Promise\(\(I,I\)=>\{var I=I=>\{try\{`,
  __asyncGenerator: String.raw`\(I,I,I\)=>\{var I=\(I,I,I,I\)=>\{try\{var I=I\[I\]\(I\)`,
  __yieldStar: String.raw`I=>\{var I=I\[I\("asyncIterator"\)\],I=!1`,
  __forAwait: String.raw`\(I,I,I\)=>\(I=I\[I\("asyncIterator"\)\]\)\?`,
  __using: String.raw`\(I,I,I\)=>\{if\(I!=null\)\{typeof I!="object"&&typeof I!="function"&&I\("Object expected"\)`,
  __decorateClass: String.raw`\(I,I,I,I\)=>\{for\(var I=I>1\?void 0:I\?`,
  __decorateParam: String.raw`\(I,I\)=>\(I,I\)=>I\(I,I,I\)[,;]`,
  __decoratorStart: String.raw`I=>(?:\[,,,I\(I\?\.\[I\("metadata"\)|\{var I;return ?\[,,,I\()`,
  __decorateElement: String.raw`\(I,I,I,I,I,I\)=>\{var I,I,I,I,I,I=I&7,`,
  __decoratorMetadata: String.raw`\(I,I\)=>I\(I,I\("metadata"\),I\[3\]\)`,
  __runInitializers: String.raw`\(I,I,I,I\)=>\{for\(var I=0,I=I\[I>>1\]`,
  __callDispose: String.raw`\(I,I,I\)=>\{var I=typeof SuppressedError=="function"`,
};

const identifier = String.raw`[\w$]+`;
const definitions = Object.entries(shapes).map(([name, shape]) => {
  const text = shape.replace(/\bI\b/g, () => identifier);
  return { name, pattern: new RegExp(String.raw`(?:\bvar |[,;])(${identifier})=${text}`, "g") };
});

/** Helpers stand at the start of a bundle. */
const searched = 64 * 1024;

const known = new Map<string, ReadonlyMap<string, string>>();

/** What a minifier calls esbuild's helpers in the script that a closure comes from, where the closure looks minified. */
export function minifiedHelpers(closure: string, file: string | undefined): ReadonlyMap<string, string> | undefined {
  if (file === undefined || !looksMinified(closure)) return undefined;
  let found = known.get(file);
  if (found === undefined) {
    found = helpersOf(startOf(file));
    known.set(file, found);
  }
  return found.size > 0 ? found : undefined;
}

function helpersOf(script: string): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, pattern } of definitions) {
    for (const [, alias = ""] of script.matchAll(pattern)) found.set(alias, name);
  }
  return found;
}

function startOf(file: string): string {
  try {
    return readFileSync(toPath(file), "utf8").slice(0, searched);
  } catch {
    return "";
  }
}
