/** The version of this program, from its `package.json`. */
import { readFileSync } from "node:fs";

export function version(): string {
  // One level up from the sources and from the bundle; in the packed extension, at its root.
  for (const path of ["../package.json", "../../package.json"]) {
    try {
      const manifest = JSON.parse(readFileSync(new URL(path, import.meta.url), "utf8")) as { version?: string };
      if (manifest.version !== undefined) return manifest.version;
    } catch {
      // Not at this level.
    }
  }
  return "0.0.0";
}
