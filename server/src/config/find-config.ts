/** Finds and reads the config that counts for a file: the nearest one above it. */
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { toSlashes } from "../render/paths.js";
import { type Config, configFileName, parseConfig } from "./config.js";

export interface Configs {
  /**
   * The config of a file, read once for each folder until {@link forget}.
   *
   * @throws {ConfigError}
   */
  for(file: string): Config;
  /** A config was written, made or deleted. */
  forget(): void;
}

export const emptyConfig: Config = { rules: {} };

export function createConfigs(): Configs {
  const byFolder = new Map<string, Config | Error>();

  const read = (folder: string): Config | Error => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const parent = dirname(folder);
    const config = readIn(folder) ?? (parent === folder ? emptyConfig : read(parent));
    byFolder.set(folder, config);
    return config;
  };

  return {
    for(file) {
      const config = read(dirname(file));
      if (config instanceof Error) throw config;
      return config;
    },
    forget: () => byFolder.clear(),
  };
}

/** Undefined where the folder has no config. */
function readIn(folder: string): Config | Error | undefined {
  const file = toSlashes(join(folder, configFileName));
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    return new Error(`${file}: cannot be read (${code}); make it readable or delete it`);
  }
  try {
    return parseConfig(file, text);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
