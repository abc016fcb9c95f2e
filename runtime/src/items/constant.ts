import type { CallExpression, ClassBody, Expression, Identifier, Node, Pattern } from "estree";

/** Makers of values that are the same in every thread. */
const makers =
  /^(?:Map|Set|WeakMap|WeakSet|RegExp|Date|URL|URLSearchParams|TextEncoder|TextDecoder|Array|Object|(?:\w*[a-z])?Error|ArrayBuffer|DataView|(?:Big)?(?:Int|Uint)\w*Array|Float\w*Array)$/;

/** Functions that only compute, as they are written. */
const functions =
  /^(?:require|String|Number|Boolean|BigInt|Symbol|Symbol\.for|RegExp|parseInt|parseFloat|Math\.\w+|String\.raw|(?:Array|Object)\.(?:of|from|freeze|seal|assign|entries|keys|values|fromEntries|create)|(?:Object\.)?__?[a-zA-Z]\w*|_interop_require_\w+\._|tslib(?:_\d+)?\.\w+)$/;

/** Values that a thread has too. */
const globals = /^(?:undefined|NaN|Infinity|Math|Number|String|Symbol|Object|Array|JSON|process|globalThis)$/;

/** What a name at the top of the file stands for. */
export type Names = (identifier: Identifier) => "item" | "global" | "other";

/**
 * Whether an expression gives the same value wherever it is computed, and does nothing else, so that a thread may compute
 * its own: what Rust's `const` allows, as far as a look at the text can tell.
 */
export function isConstant(node: Node | null | undefined, names: Names): boolean {
  const is = (part: Node | null | undefined): boolean => isConstant(part, names);
  if (node === null || node === undefined) return true;
  switch (node.type) {
    case "Literal":
    case "FunctionExpression":
    case "ArrowFunctionExpression":
    case "TemplateElement":
    case "PrivateIdentifier":
      return true;
    case "Identifier":
      return isKnown(node, names);
    case "TemplateLiteral":
      return node.expressions.every(is);
    case "TaggedTemplateExpression":
      return nameOf(node.tag) === "String.raw" && is(node.quasi);
    case "UnaryExpression":
      return node.operator !== "delete" && is(node.argument);
    case "BinaryExpression":
    case "LogicalExpression":
      return is(node.left) && is(node.right);
    case "ConditionalExpression":
      return is(node.test) && is(node.consequent) && is(node.alternate);
    case "SequenceExpression":
      return node.expressions.every(is);
    case "ArrayExpression":
      return node.elements.every(is);
    case "SpreadElement":
      return is(node.argument);
    case "ObjectExpression":
      return node.properties.every(is);
    case "Property":
      return (!node.computed || is(node.key)) && is(node.value);
    case "ChainExpression":
      return is(node.expression);
    case "MemberExpression":
      return is(node.object) && (!node.computed || is(node.property));
    case "NewExpression":
      return makers.test(nameOf(node.callee)) && node.arguments.every(is);
    case "CallExpression":
      return isConstantCall(node, names);
    case "ClassExpression":
      return is(node.superClass) && isConstantClass(node.body, names);
    default:
      return false;
  }
}

function isKnown(identifier: Identifier, names: Names): boolean {
  const what = names(identifier);
  return what === "item" || (what === "global" && globals.test(identifier.name));
}

function isConstantCall({ callee, arguments: given }: CallExpression, names: Names): boolean {
  return functions.test(nameOf(callee)) && given.every((argument) => isConstant(argument, names));
}

/** Whether nothing that matters happens where a class is made: its static fields are constants, and it has no static block. */
export function isConstantClass(body: ClassBody, names: Names): boolean {
  return body.body.every((member) => {
    if (member.type === "StaticBlock") return false;
    const key = !member.computed || isConstant(member.key, names);
    return key && (member.type !== "PropertyDefinition" || !member.static || isConstant(member.value, names));
  });
}

/** Whether taking a value apart gives the same wherever it is done: what stands in for missing parts is constant, too. */
export function isConstantPattern(pattern: Pattern, names: Names): boolean {
  switch (pattern.type) {
    case "Identifier":
      return true;
    case "AssignmentPattern":
      return isConstantPattern(pattern.left, names) && isConstant(pattern.right, names);
    case "RestElement":
      return isConstantPattern(pattern.argument, names);
    case "ArrayPattern":
      return pattern.elements.every((element) => element === null || isConstantPattern(element, names));
    case "ObjectPattern":
      return pattern.properties.every((property) =>
        property.type === "RestElement"
          ? isConstantPattern(property, names)
          : (!property.computed || isConstant(property.key, names)) && isConstantPattern(property.value, names),
      );
    case "MemberExpression":
      return false;
  }
}

/** `Math.max` of the expression that is written so. */
function nameOf(node: Expression | Node): string {
  if (node.type === "Identifier") return node.name;
  if (node.type !== "MemberExpression" || node.computed || node.property.type !== "Identifier") return "";
  const owner = nameOf(node.object);
  return owner === "" ? "" : `${owner}.${node.property.name}`;
}
