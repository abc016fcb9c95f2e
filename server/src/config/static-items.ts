/** Whether a program is to run with static items: what its config says, read without all that an analysis needs. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { configFileName } from "./file-name.js";
import { parseJson } from "./json-text.js";

/** A config that cannot be read turns nothing on: the analyser says what is wrong with it. */
export function hasStaticItems(file: string): boolean {
  const config = nearest(dirname(file));
  if (config === undefined) return false;
  try {
    const root = parseJson(readFileSync(config, "utf8"));
    const found = root.kind === "object" ? root.members.find(({ key }) => key === "staticItems") : undefined;
    return found?.value.kind === "scalar" && found.value.value === true;
  } catch {
    return false;
  }
}

function nearest(folder: string): string | undefined {
  const file = join(folder, configFileName);
  if (existsSync(file)) return file;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearest(parent);
}
