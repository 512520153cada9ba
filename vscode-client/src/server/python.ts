// Finds the Pythons of this machine, and the one that a private environment is best made with.

import { run } from "./run";
import { compareVersions } from "./version";
import { pathFolders, usualFolders, which } from "./which";

export const LEAST = [3, 11] as const;
/** The newest for which all libraries are sure to come ready-made; later ones are taken only for want of others. */
const PROVEN = [3, 14] as const;
const SECONDS = 10;

export interface Python {
  readonly path: string;
  readonly version: readonly number[];
  /** Whether it is neither a release candidate nor anything before. */
  readonly isFinal: boolean;
  /** Whether it can make virtual environments; on Debian that is a package of its own. */
  readonly hasVenv: boolean;
}

const PROBE = `
import importlib.util, json, sys
print(json.dumps([
    sys.executable, list(sys.version_info[:3]), sys.version_info[3] == "final",
    all(importlib.util.find_spec(name) is not None for name in ("venv", "ensurepip")),
]))
`;

/** Read what the probe printed; undefined if it is anything else. */
export function parsePython(output: string): Python | undefined {
  try {
    const [path, version, isFinal, hasVenv] = JSON.parse(output) as unknown[];
    if (typeof path !== "string" || path === "" || !Array.isArray(version)) return undefined;
    return { path, version: version.map(Number), isFinal: isFinal === true, hasVenv: hasVenv === true };
  } catch {
    return undefined;
  }
}

/** Whether the server runs on it. */
export function isNewEnough(python: Python): boolean {
  return compareVersions(python.version, LEAST) >= 0;
}

/** The best to make an environment with: able to, proven, final, new; in this order. Undefined if none is new enough. */
export function best(pythons: readonly Python[]): Python | undefined {
  const isProven = (python: Python): boolean => compareVersions(python.version.slice(0, 2), PROVEN) <= 0;
  return pythons.filter(isNewEnough).sort(
    (a, b) =>
      Number(b.hasVenv) - Number(a.hasVenv) ||
      Number(isProven(b)) - Number(isProven(a)) ||
      Number(b.isFinal) - Number(a.isFinal) ||
      compareVersions(b.version, a.version),
  )[0];
}

/**
 * All Pythons that answer, none twice.
 *
 * @param avoid folders out of which nothing is run.
 */
export async function findPythons(avoid: readonly string[]): Promise<Python[]> {
  const names = ["python3", "python", ...[14, 13, 12, 11].map((minor) => `python3.${minor}`)];
  const folders = [...pathFolders(), ...usualFolders()];
  const found = await Promise.all([
    ...names.map(async (name) => ask(await which(name, folders, avoid), [])),
    ...(process.platform === "win32" ? [ask(await which("py", folders, avoid), ["-3"])] : []),
  ]);
  const byPath = new Map<string, Python>();
  for (const python of found) if (python !== undefined) byPath.set(python.path, python);
  return [...byPath.values()];
}

async function ask(command: string | undefined, args: readonly string[]): Promise<Python | undefined> {
  // Without Xcode's tools macOS's own is a stub that opens a dialog, and with them it is too old anyway.
  if (command === undefined || (process.platform === "darwin" && command.startsWith("/usr/bin/"))) return undefined;
  const outcome = await run(command, [...args, "-I", "-c", PROBE], { seconds: SECONDS });
  return outcome.code === 0 ? parsePython(outcome.out) : undefined;
}
