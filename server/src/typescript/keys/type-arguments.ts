/** The type arguments of types, which the API asks the compiler for each time. */
import type { Checker, Type, TypeReference } from "typescript/async";
import { remember } from "../memo.js";

/** One round trip a type, however often it is met. */
export type TypeArguments = (type: TypeReference) => Promise<readonly Type[]>;

export function createTypeArguments(checker: Checker): TypeArguments {
  const known = new Map<TypeReference["id"], Promise<readonly Type[]>>();
  return (type) => remember(known, type.id, () => checker.getTypeArguments(type));
}
