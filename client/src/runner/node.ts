/** Which Node runs the user's files. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";

export interface NodeProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
  readonly version: string;
}

/** The oldest that the runtime supports. */
const oldest = [20, 19] as const;

const found = new Map<string, Promise<NodeProgram>>();

/**
 * The Node of the setting; without one, `node` on the `PATH` if it is new enough, else the one inside VS Code.
 *
 * @throws where the setting names something that is no Node, or one that is too old.
 */
export function findNode(setting: string): Promise<NodeProgram> {
  const known = found.get(setting) ?? search(setting);
  found.set(setting, known);
  // A Node that was missing may be installed while VS Code runs.
  known.catch(() => found.delete(setting));
  return known;
}

async function search(setting: string): Promise<NodeProgram> {
  if (setting !== "") {
    const named = await ask(setting, {}).catch((error: unknown) => {
      throw new Error(`fearlessThreads.run.node: ${setting} does not start (${reason(error)}).`);
    });
    if (isNewEnough(named)) return named;
    throw new Error(
      `fearlessThreads.run.node: ${setting} is ${named.version}; ${oldest.join(".")} or newer is needed.`,
    );
  }
  const onPath = await ask("node", {}).catch(() => undefined);
  if (onPath !== undefined && isNewEnough(onPath)) return onPath;
  // Electron is a Node when it is asked to be; the server edition of VS Code runs on Node as it is.
  return ask(process.execPath, { ELECTRON_RUN_AS_NODE: "1" });
}

async function ask(path: string, env: Readonly<Record<string, string>>): Promise<NodeProgram> {
  const { stdout } = await promisify(execFile)(path, ["--version"], {
    env: { ...process.env, ...env },
    timeout: 10_000,
  });
  return { path, env, version: stdout.trim() };
}

function isNewEnough({ version }: NodeProgram): boolean {
  const [major = 0, minor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}

function reason(error: unknown): string {
  return error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error);
}
