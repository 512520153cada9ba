// The server's wheel that comes with the extension, so that both always match.

import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { SetUpError } from "./problems";

export interface Wheel {
  readonly path: string;
  readonly version: string;
}

/** The version in a wheel's name, such as `proactive_lsp-0.2.0-py3-none-any.whl`; undefined for other files. */
export function wheelVersion(name: string): string | undefined {
  return /^proactive_lsp-([^-]+)-.*\.whl$/.exec(name)?.[1];
}

/**
 * The wheel in an extension's folder.
 *
 * @throws SetUpError if there is none, as in a build for development.
 */
export async function bundledWheel(extension: string): Promise<Wheel> {
  const folder = join(extension, "server");
  for (const name of await readdir(folder).catch(() => [])) {
    const version = wheelVersion(name);
    if (version !== undefined) return { path: join(folder, name), version };
  }
  throw new SetUpError("This build of the extension comes without the server; install 'proactive' yourself, on PATH.");
}
