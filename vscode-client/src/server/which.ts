// Looks for a program in folders, as a shell does on PATH, but never in the current folder or one that is not trusted.

import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, isAbsolute, join, relative, sep } from "node:path";

const WINDOWS = process.platform === "win32";

/** The absolute folders on PATH; relative ones depend on where one stands, and are passed over. */
export function pathFolders(path = process.env.PATH ?? ""): string[] {
  return path.split(delimiter).filter((folder) => isAbsolute(folder));
}

/** Where programs of the user's own often lie without being on PATH. */
export function usualFolders(): string[] {
  const home = [join(homedir(), ".local", "bin"), join(homedir(), ".cargo", "bin")];
  return WINDOWS ? home : [...home, "/usr/local/bin", "/usr/bin", "/opt/homebrew/bin"];
}

/** Whether a path is a folder, or lies inside of it. */
export function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

/**
 * The full path of a program.
 *
 * @param name the program's, without an extension.
 * @param folders where to look, in this order.
 * @param avoid nothing inside of these folders is taken, whichever way links lead there.
 */
export async function which(
  name: string,
  folders: readonly string[],
  avoid: readonly string[] = [],
): Promise<string | undefined> {
  // Batch files cannot be started without a shell.
  const names = WINDOWS ? [`${name}.exe`] : [name];
  const shunned = await Promise.all(avoid.map((folder) => realpath(folder).catch(() => folder)));
  for (const folder of folders) {
    for (const each of names) {
      const path = join(folder, each);
      try {
        await access(path, constants.X_OK);
        if (!(await stat(path)).isFile()) continue;
        const real = await realpath(path);
        if (![...avoid, ...shunned].some((one) => isInside(path, one) || isInside(real, one))) return path;
      } catch {
        // It is not there.
      }
    }
  }
  return undefined;
}
