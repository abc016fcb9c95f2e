/** Finds and reads the config that counts for a file: the nearest one above it. */
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import ignore, { type Ignore } from "ignore";
import { toSlashes } from "../render/paths.js";
import { type Config, emptyConfig, parseConfig } from "./config.js";
import { configFileName } from "./file-name.js";

export interface Configs {
  /**
   * The config of a file, read once for each folder until {@link forget}.
   *
   * @throws {ConfigError}
   */
  for(file: string): Config;
  /**
   * Whether the config of the file leaves it out.
   *
   * @throws {ConfigError}
   */
  ignores(file: string): boolean;
  /** A config was written, made or deleted. */
  forget(): void;
}

interface Found {
  readonly config: Config;
  /** What the config's `ignore` says, and the folder its patterns are relative to. */
  readonly ignored: { readonly folder: string; readonly patterns: Ignore } | undefined;
}

const nothing: Found = { config: emptyConfig, ignored: undefined };

export function createConfigs(): Configs {
  const byFolder = new Map<string, Found | Error>();

  const read = (folder: string): Found | Error => {
    const known = byFolder.get(folder);
    if (known !== undefined) return known;
    const parent = dirname(folder);
    const found = readIn(folder) ?? (parent === folder ? nothing : read(parent));
    byFolder.set(folder, found);
    return found;
  };
  const find = (file: string): Found => {
    const found = read(dirname(file));
    if (found instanceof Error) throw found;
    return found;
  };

  return {
    for: (file) => find(file).config,
    ignores(file) {
      const { ignored } = find(file);
      return ignored?.patterns.ignores(toSlashes(relative(ignored.folder, file))) ?? false;
    },
    forget: () => byFolder.clear(),
  };
}

/** Undefined where the folder has no config. */
function readIn(folder: string): Found | Error | undefined {
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
    const config = parseConfig(file, text);
    const patterns = config.ignore.length === 0 ? undefined : ignore().add([...config.ignore]);
    return { config, ignored: patterns && { folder, patterns } };
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}
