/** What the library exports and what its doc comments say of it, beside what its code can throw. */
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { type Thrown, thrownBy } from "./thrown.js";

const runtime = fileURLToPath(new URL("../runtime/", import.meta.url)).replaceAll("\\", "/");

/** A name of the public API: an export, or a member of one. */
export interface PublicName extends Thrown {
  /** As a user writes it: `thread.spawn`, `Mutex.lock`. */
  readonly name: string;
  /** The export that it is a member of. */
  readonly owner: string | undefined;
  readonly kind: "function" | "class" | "method" | "constructor" | "other";
  /** Where it stands, from the folder of the library: `src/sync/mutex.ts:55`. */
  readonly at: string;
  /** The text of the comment, with its tags; empty where there is none. */
  readonly docs: string;
  readonly hasExample: boolean;
  readonly returnsResult: boolean;
  /** The types of the library that its parameters, its result or its value are written with. */
  readonly types: readonly string[];
}

/** Every public name. What is marked `@internal` or `@hidden` is none. */
export function publicNames(): readonly PublicName[] {
  const config = ts.readConfigFile(`${runtime}tsconfig.json`, ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config.config, ts.sys, runtime);
  const program = ts.createProgram(fileNames, options);
  const checker = program.getTypeChecker();
  const index = program.getSourceFile(`${runtime}src/index.ts`);
  const exported = index && checker.getSymbolAtLocation(index);
  if (exported === undefined) throw new Error("expected runtime/src/index.ts to be a module");
  // A class may be exported twice, on its own and beside the function that makes it.
  return [...new Map(namesOf(exported, "", checker).map((name) => [`${name.at} ${name.kind}`, name])).values()];
}

function namesOf(module: ts.Symbol, prefix: string, checker: ts.TypeChecker): readonly PublicName[] {
  return checker.getExportsOfModule(module).flatMap((exported) => {
    const name = `${prefix}${exported.name}`;
    const symbol = target(exported, checker);
    if (symbol.flags & ts.SymbolFlags.Module) return namesOf(symbol, `${name}.`, checker);
    return [describe(name, undefined, symbol, checker), ...membersOf(name, symbol, checker)];
  });
}

function target(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function membersOf(owner: string, symbol: ts.Symbol, checker: ts.TypeChecker): readonly PublicName[] {
  const behind = classBehind(symbol, checker);
  const declaration = behind.declarations?.find(
    (node) => ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node),
  );
  if (declaration === undefined) return [];
  const members = [...checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(behind))];
  if (ts.isClassDeclaration(declaration)) {
    members.push(...checker.getPropertiesOfType(checker.getTypeOfSymbolAtLocation(behind, declaration)));
    const made = behind.members?.get(ts.InternalSymbolName.Constructor);
    if (made !== undefined) members.push(made);
  }
  return members
    .filter(isPublicMember)
    .map((member) => describe(`${owner}.${memberName(member)}`, owner, member, checker));
}

/** `const Arc = ArcClass` stands for the class. */
function classBehind(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  const value = symbol.declarations?.find(ts.isVariableDeclaration)?.initializer;
  const found = value && ts.isIdentifier(value) ? checker.getSymbolAtLocation(value) : undefined;
  return found === undefined ? symbol : target(found, checker);
}

function isPublicMember(member: ts.Symbol): boolean {
  const nodes = member.declarations ?? [];
  return nodes.some((node) => node.getSourceFile().fileName.includes("/runtime/src/") && isForUsers(node));
}

function isForUsers(node: ts.Declaration): boolean {
  const name = ts.getNameOfDeclaration(node);
  if (name !== undefined && ts.isPrivateIdentifier(name)) return false;
  const hiding = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  if (ts.getCombinedModifierFlags(node) & hiding) return false;
  return !ts.getJSDocTags(node).some((tag) => ["internal", "hidden"].includes(tag.tagName.text));
}

function memberName(member: ts.Symbol): string {
  const node = member.declarations?.[0];
  if (node !== undefined && ts.isConstructorDeclaration(node)) return "constructor";
  return (node && ts.getNameOfDeclaration(node)?.getText()) ?? member.name;
}

function describe(name: string, owner: string | undefined, symbol: ts.Symbol, checker: ts.TypeChecker): PublicName {
  const nodes = symbol.declarations ?? [];
  const tags = symbol.getJsDocTags(checker);
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const lines = tags.map((tag) => `@${tag.name} ${ts.displayPartsToString(tag.text)}`);
  return {
    name,
    owner,
    kind: kindOf(nodes),
    at: placeOf(nodes[0]),
    docs: [text, ...lines].join("\n").trim(),
    hasExample: tags.some((tag) => tag.name === "example"),
    returnsResult: nodes.some((node) => returnsResult(node, checker)),
    types: [...new Set(nodes.filter((node) => isSeen(node, nodes)).flatMap((node) => typesOf(node, checker)))],
    ...thrownBy(isWithoutArguments(nodes) ? [] : nodes, checker),
  };
}

/** A constructor that users give nothing; what more it takes is the library's own. */
function isWithoutArguments(nodes: readonly ts.Declaration[]): boolean {
  const forUsers = nodes.filter(ts.isConstructorDeclaration).filter((node) => isSeen(node, nodes));
  return forUsers.length > 0 && forUsers.every((node) => node.parameters.length === 0);
}

function kindOf(nodes: readonly ts.Declaration[]): PublicName["kind"] {
  if (nodes.some(ts.isFunctionDeclaration)) return "function";
  if (nodes.some(ts.isConstructorDeclaration)) return "constructor";
  if (nodes.some((node) => ts.isMethodDeclaration(node) || ts.isMethodSignature(node))) return "method";
  return nodes.some(ts.isClassDeclaration) ? "class" : "other";
}

function returnsResult(node: ts.Declaration, checker: ts.TypeChecker): boolean {
  const signature = ts.isFunctionLike(node) ? checker.getSignatureFromDeclaration(node) : undefined;
  return signature !== undefined && /\bResult</.test(checker.typeToString(checker.getReturnTypeOfSignature(signature)));
}

/** Whether users see a declaration: they do not see the code behind overloads. */
function isSeen(node: ts.Declaration, all: readonly ts.Declaration[]): boolean {
  return isForUsers(node) && !(all.length > 1 && ts.isFunctionLike(node) && "body" in node && node.body !== undefined);
}

function typesOf(node: ts.Declaration, checker: ts.TypeChecker): readonly string[] {
  const written = ts.isFunctionLike(node) ? [...node.parameters.map(({ type }) => type), node.type] : [valueType(node)];
  const found: string[] = [];
  const visit = (part: ts.Node): void => {
    if (ts.isTypeReferenceNode(part)) {
      const symbol = checker.getSymbolAtLocation(part.typeName);
      const name = symbol && target(symbol, checker);
      if (name?.declarations?.some(isNamedType)) found.push(name.name);
    }
    ts.forEachChild(part, visit);
  };
  for (const type of written) if (type !== undefined) visit(type);
  return found;
}

function valueType(node: ts.Declaration): ts.TypeNode | undefined {
  return ts.isPropertyDeclaration(node) || ts.isPropertySignature(node) ? node.type : undefined;
}

/** A type with a name in the library; not a parameter of a type. */
function isNamedType(node: ts.Declaration): boolean {
  return !ts.isTypeParameterDeclaration(node) && node.getSourceFile().fileName.includes("/runtime/src/");
}

function placeOf(node: ts.Declaration | undefined): string {
  if (node === undefined) return "";
  const file = node.getSourceFile();
  const { line } = file.getLineAndCharacterOfPosition(node.getStart());
  return `${file.fileName.slice(file.fileName.lastIndexOf("/src/") + 1)}:${line + 1}`;
}
