/** Values and types that cannot hold a thread's handle, a lock, or shared memory: nothing is asked about them. */
import type { BinaryExpression, Node } from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import type { TypeKey } from "../program/program.js";
import { listed, unwrapped } from "./syntax.js";

const globals = new Set(
  (
    "console Math JSON Object Number String Boolean Symbol Date Reflect RegExp parseInt parseFloat isNaN BigInt Intl URL " +
    "Error TypeError RangeError SyntaxError Map Set WeakMap WeakSet WeakRef TextEncoder TextDecoder AbortController"
  ).split(" "),
);

/** Methods whose result is a primitive, a string list, or nothing. */
const methods = new Set(
  (
    "push unshift forEach includes indexOf lastIndexOf some every charCodeAt charAt codePointAt toString toFixed trim split " +
    "startsWith endsWith replace replaceAll toLowerCase toUpperCase padStart padEnd substring localeCompare test has clear " +
    "hasOwnProperty isArray trimStart trimEnd normalize matchAll search"
  ).split(" "),
);

/** @param path a global's name, or a member of it: `Math.max` */
export function isDullGlobal(path: string): boolean {
  const dot = path.indexOf(".");
  return globals.has(dot < 0 ? path : path.slice(0, dot));
}

export function isDullMethod(name: string): boolean {
  return methods.has(name);
}

export function isDullType(type: Node): boolean {
  switch (type.kind) {
    case SyntaxKind.StringKeyword:
    case SyntaxKind.NumberKeyword:
    case SyntaxKind.BooleanKeyword:
    case SyntaxKind.BigIntKeyword:
    case SyntaxKind.SymbolKeyword:
    case SyntaxKind.UnknownKeyword:
    case SyntaxKind.AnyKeyword:
    case SyntaxKind.LiteralType:
    case SyntaxKind.FunctionType:
      return true;
    case SyntaxKind.ArrayType:
      return isDullType((type as Node & { readonly elementType: Node }).elementType);
    case SyntaxKind.UnionType:
      return listed((type as Node & { readonly types?: readonly Node[] }).types).every(isDullPart);
    default:
      return false;
  }
}

function isDullPart(type: Node): boolean {
  return type.kind === SyntaxKind.UndefinedKeyword || isDullType(type);
}

export function isDullValue(node: Node): boolean {
  switch (node.kind) {
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NumericLiteral:
    case SyntaxKind.BigIntLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateExpression:
    case SyntaxKind.RegularExpressionLiteral:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
    case SyntaxKind.NullKeyword:
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.ClassExpression:
    case SyntaxKind.ObjectLiteralExpression:
    case SyntaxKind.PrefixUnaryExpression:
    case SyntaxKind.PostfixUnaryExpression:
    case SyntaxKind.TypeOfExpression:
      return true;
    case SyntaxKind.ArrayLiteralExpression:
      return listed((node as Node & { readonly elements?: readonly Node[] }).elements).every((element) =>
        isDullValue(unwrapped(element)),
      );
    case SyntaxKind.BinaryExpression:
      return isArithmetic((node as BinaryExpression).operatorToken?.kind);
    default:
      return false;
  }
}

/** Operators that make a number, a string or a boolean. */
function isArithmetic(kind: SyntaxKind | undefined): boolean {
  if (kind === undefined || kind >= SyntaxKind.FirstAssignment)
    return kind === SyntaxKind.InKeyword || kind === SyntaxKind.InstanceOfKeyword;
  return !(
    kind === SyntaxKind.AmpersandAmpersandToken ||
    kind === SyntaxKind.BarBarToken ||
    kind === SyntaxKind.QuestionQuestionToken ||
    kind === SyntaxKind.CommaToken
  );
}

/** The type that an annotation or a literal shows by itself, without the checker. */
export function plainType(node: Node): TypeKey | undefined {
  switch (node.kind) {
    case SyntaxKind.NumberKeyword:
    case SyntaxKind.NumericLiteral:
      return { kind: "primitive", name: "number" };
    case SyntaxKind.StringKeyword:
    case SyntaxKind.StringLiteral:
    case SyntaxKind.NoSubstitutionTemplateLiteral:
    case SyntaxKind.TemplateExpression:
      return { kind: "primitive", name: "string" };
    case SyntaxKind.BooleanKeyword:
    case SyntaxKind.TrueKeyword:
    case SyntaxKind.FalseKeyword:
      return { kind: "primitive", name: "boolean" };
    case SyntaxKind.BigIntKeyword:
    case SyntaxKind.BigIntLiteral:
      return { kind: "primitive", name: "bigint" };
    case SyntaxKind.SymbolKeyword:
      return { kind: "primitive", name: "symbol" };
    case SyntaxKind.ArrowFunction:
    case SyntaxKind.FunctionExpression:
    case SyntaxKind.FunctionType:
      return { kind: "function", returns: undefined };
    case SyntaxKind.ArrayType: {
      const element = plainType((node as Node & { readonly elementType: Node }).elementType);
      return element === undefined ? undefined : { kind: "array", element };
    }
    default:
      return undefined;
  }
}
