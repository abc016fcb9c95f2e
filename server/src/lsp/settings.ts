/** What the user set, in the editor and in config files. */
import type { RuleLevels } from "../analysis/analyse.js";
import type { CheckSettings } from "../checker/checker.js";
import { emptyConfig, readLevels } from "../config/config.js";
import { createConfigs } from "../config/find-config.js";
import { type Settings, settingsSection } from "./protocol.js";

export interface EffectiveSettings extends CheckSettings {
  /** False where the user turned it off, and for files that the config leaves out. */
  readonly enable: boolean;
}

interface FromEditor {
  readonly enable: boolean;
  readonly rules: RuleLevels;
}

export interface SettingsStore {
  /** A config file wins over the editor, as it is what the whole team and CI use. */
  for(uri: string, file: string): Promise<EffectiveSettings>;
  /** The client says that settings changed; a client without pull sends them along. */
  changed(settings: unknown): void;
  configFilesChanged(): void;
}

export interface SettingsOptions {
  /** Asks the client for the settings of one document. Undefined where it cannot be asked. */
  readonly pull: ((uri: string) => Promise<unknown>) | undefined;
  /** Told once about each thing that is wrong with the settings. */
  readonly warn: (message: string) => void;
}

export function createSettings(options: SettingsOptions): SettingsStore {
  const pulled = new Map<string, Promise<FromEditor>>();
  const configs = createConfigs();
  const warned = new Set<string>();
  let pushed: unknown;

  const warn = (message: string): void => {
    if (warned.has(message)) return;
    warned.add(message);
    options.warn(message);
  };

  async function fromEditor(uri: string): Promise<FromEditor> {
    const { pull } = options;
    const raw = pull === undefined ? pushed : await pull(uri).catch(() => undefined);
    const settings = (raw ?? {}) as Settings;
    const { rules, problems } = readLevels(settings.rules);
    for (const problem of problems) warn(`${settingsSection}.rules: ${problem}`);
    return { enable: settings.enable !== false, rules };
  }

  return {
    async for(uri, file) {
      const editor = pulled.get(uri) ?? fromEditor(uri);
      pulled.set(uri, editor);
      const { enable, rules } = await editor;
      let config = emptyConfig;
      let ignored = false;
      try {
        config = configs.for(file);
        ignored = configs.ignores(file);
      } catch (error) {
        warn(error instanceof Error ? error.message : String(error));
      }
      return { enable: enable && !ignored, rules: { ...rules, ...config.rules }, models: config.models };
    },
    changed(settings) {
      pulled.clear();
      const all = settings as { readonly [settingsSection]?: unknown } | null | undefined;
      pushed = all?.[settingsSection];
    },
    configFilesChanged() {
      configs.forget();
      // A config that is broken again in the same way is worth saying again.
      warned.clear();
    },
  };
}
