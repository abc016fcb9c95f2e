import { createHash } from "node:crypto";

/** One short name for all of the parts, which are kept apart from each other. */
export function hash(parts: Iterable<string>): string {
  const sum = createHash("sha256");
  for (const part of parts) sum.update(`${part.length}:`).update(part);
  return sum.digest("base64url");
}
