/** Conditions: `&&`, `||` and `!` become jumps, and what a test says about a place is kept. */
import type { BinaryExpression, Node, PrefixUnaryExpression, TypeOfExpression } from "typescript/ast";
import { SyntaxKind } from "typescript/ast";
import { asOperand, branch, emptySpan, enter, jump, newBlock } from "./builder.js";
import { compute, lowerExpression, lowerOperand, testOf } from "./expressions.js";
import type { Operand, Test } from "./mir.js";
import type { BlockDraft, BodyState } from "./state.js";
import { maxDepth, spanOf } from "./state.js";
import { operatorText, unwrapped } from "./syntax.js";

/** Evaluates a condition and goes to `then` where it holds, else to `otherwise`. */
export function lowerCondition(b: BodyState, outer: Node | undefined, then: BlockDraft, otherwise: BlockDraft): void {
  b.file.depth++;
  if (b.file.depth > maxDepth) branchOnValue(b, outer, then, otherwise);
  else lowerShallow(b, outer, then, otherwise);
  b.file.depth--;
}

function lowerShallow(b: BodyState, outer: Node | undefined, then: BlockDraft, otherwise: BlockDraft): void {
  let node = outer === undefined ? undefined : unwrapped(outer);
  let [holds, fails] = [then, otherwise];
  while (node?.kind === SyntaxKind.PrefixUnaryExpression && isNot(node)) {
    [holds, fails] = [fails, holds];
    node = unwrapped((node as PrefixUnaryExpression).operand);
  }
  const operator =
    node?.kind === SyntaxKind.BinaryExpression ? (node as BinaryExpression).operatorToken?.kind : undefined;
  if (node !== undefined && operator === SyntaxKind.AmpersandAmpersandToken) {
    for (const term of terms(node, operator)) {
      const next = newBlock(b);
      lowerCondition(b, term, next, fails);
      enter(b, next);
    }
    jump(b, holds);
  } else if (node !== undefined && operator === SyntaxKind.BarBarToken) {
    for (const term of terms(node, operator)) {
      const next = newBlock(b);
      lowerCondition(b, term, holds, next);
      enter(b, next);
    }
    jump(b, fails);
  } else branchOnValue(b, node, holds, fails);
}

function isNot(node: Node): boolean {
  const { operator, operand } = node as PrefixUnaryExpression;
  return operator === SyntaxKind.ExclamationToken && operand !== undefined;
}

/** `a`, `b`, `c` of `a && b && c`. */
function terms(node: Node, operator: SyntaxKind): readonly Node[] {
  const rights: Node[] = [];
  let at = node;
  while (at.kind === SyntaxKind.BinaryExpression && (at as BinaryExpression).operatorToken?.kind === operator) {
    rights.push((at as BinaryExpression).right);
    at = unwrapped((at as BinaryExpression).left);
  }
  return [at, ...rights.reverse()];
}

function branchOnValue(b: BodyState, node: Node | undefined, then: BlockDraft, otherwise: BlockDraft): void {
  const compared = node === undefined ? undefined : lowerComparison(b, node);
  if (compared !== undefined) {
    branch(b, compared.condition, compared.test, then, otherwise);
    return;
  }
  const operand = asOperand(b, lowerExpression(b, node), emptySpan(b, node));
  if (operand.kind === "constant" && node !== undefined) jump(b, operand.value ? then : otherwise);
  else branch(b, operand, testOf(operand, "truthy"), then, otherwise);
}

/** `x == null`, `x !== undefined`, `typeof x === "undefined"`: tests that narrow a place. */
function lowerComparison(b: BodyState, node: Node): { condition: Operand; test: Test } | undefined {
  if (node.kind !== SyntaxKind.BinaryExpression) return undefined;
  const { left, operatorToken, right } = node as BinaryExpression;
  if (left === undefined || right === undefined) return undefined;
  const negated = isNegated(operatorToken?.kind);
  if (negated === undefined) return undefined;
  const first = unwrapped(left);
  const second = unwrapped(right);
  const subject = isUndefinedType(first, second) ? (first as TypeOfExpression).expression : subjectOf(first, second);
  if (subject === undefined) return undefined;
  const operand = lowerOperand(b, subject);
  const narrowed = testOf(operand, "nullish");
  const test: Test = narrowed.kind === "nullish" ? { ...narrowed, negated } : narrowed;
  const span = spanOf(b.file, node);
  const isNull = first.kind === SyntaxKind.NullKeyword || second.kind === SyntaxKind.NullKeyword;
  const nothing: Operand = { kind: "constant", value: isNull ? null : undefined, span };
  return { condition: asOperand(b, compute(operatorText(operatorToken.kind), [operand, nothing]), span), test };
}

function isNegated(kind: SyntaxKind | undefined): boolean | undefined {
  if (kind === SyntaxKind.EqualsEqualsToken || kind === SyntaxKind.EqualsEqualsEqualsToken) return false;
  if (kind === SyntaxKind.ExclamationEqualsToken || kind === SyntaxKind.ExclamationEqualsEqualsToken) return true;
  return undefined;
}

function subjectOf(left: Node, right: Node): Node | undefined {
  if (isNothing(right)) return left;
  return isNothing(left) ? right : undefined;
}

function isNothing(node: Node): boolean {
  if (node.kind === SyntaxKind.NullKeyword) return true;
  return node.kind === SyntaxKind.Identifier && (node as Node & { readonly text: string }).text === "undefined";
}

function isUndefinedType(left: Node, right: Node): boolean {
  return (
    left.kind === SyntaxKind.TypeOfExpression &&
    right.kind === SyntaxKind.StringLiteral &&
    (right as Node & { readonly text: string }).text === "undefined"
  );
}
