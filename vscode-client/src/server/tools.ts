// What `uv tool` and `pipx` have installed or can install: tools that keep a Python program in an environment of its own.

import { sentence, SetUpError } from "./problems";
import { run } from "./run";
import { pathFolders, usualFolders, which } from "./which";

const ASK_SECONDS = 10;
const INSTALL_SECONDS = 1800;

export type ToolName = "uv" | "pipx";

export interface Tool {
  readonly name: ToolName;
  readonly path: string;
}

const COMMANDS = {
  uv: { folder: ["tool", "dir", "--bin"], install: ["tool", "install", "--force"], shown: "uv tool install" },
  pipx: { folder: ["environment", "--value", "PIPX_BIN_DIR"], install: ["install", "--force"], shown: "pipx install" },
} as const;

/** Those of the tools that are there. */
export async function tools(avoid: readonly string[]): Promise<Tool[]> {
  const found: Tool[] = [];
  for (const name of ["uv", "pipx"] as const) {
    const path = await which(name, [...pathFolders(), ...usualFolders()], avoid);
    if (path !== undefined) found.push({ name, path });
  }
  return found;
}

/** What the user would type to install with it. */
export function shown(tool: Tool): string {
  return COMMANDS[tool.name].shown;
}

/** The folder into which a tool puts commands; undefined if it does not say. */
export async function commandFolder(tool: Tool): Promise<string | undefined> {
  const outcome = await run(tool.path, COMMANDS[tool.name].folder, { seconds: ASK_SECONDS });
  const folder = outcome.out.trim();
  return outcome.code === 0 && folder !== "" ? folder : undefined;
}

/**
 * Install a wheel with a tool.
 *
 * @throws SetUpError with a sentence for the user.
 */
export async function installWith(
  tool: Tool,
  wheel: string,
  signal: AbortSignal,
  onLine: (line: string) => void,
): Promise<void> {
  const args = [...COMMANDS[tool.name].install, wheel];
  const outcome = await run(tool.path, args, { seconds: INSTALL_SECONDS, signal, onLine });
  if (outcome.code !== 0) throw new SetUpError(sentence(shown(tool), outcome.all));
}
