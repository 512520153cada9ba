// The private Python environments in which the extension keeps the server: made, found, and removed when out of use.
//
// Each has a folder of its own that is never reused, since virtual environments cannot be moved: `server-VERSION-…`.
// A marker that is written last says that it is whole. A file `in-use-PID` says that a window makes it or runs it.

import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { sentence, SetUpError } from "./problems";
import type { Program } from "./program";
import { askVersion } from "./program";
import { type Outcome, run } from "./run";
import { compareVersions, parseVersion } from "./version";

const PREFIX = "server-";
const MARKER = "ready.json";
const CLAIM = "in-use-";

const MAKE_SECONDS = 300;
const INSTALL_SECONDS = 1800;

export interface Environment {
  readonly folder: string;
  readonly version: string;
}

export interface Recipe {
  /** The interpreter to make it with. */
  readonly python: string;
  /** The server's wheel, whose version `version` is. */
  readonly wheel: string;
  readonly version: string;
  readonly signal: AbortSignal;
  /** Told each step, in a word or two, and every line that pip and others print. */
  readonly onStep: (step: string) => void;
  readonly onLine: (line: string) => void;
}

/** How the server of an environment is started: isolated, whatever Python variables the user has set. */
export function programOf(environment: Environment): Program {
  return {
    command: interpreter(environment.folder),
    args: ["-I", "-m", "proactive_server", "serve"],
    from: "the extension's own environment",
    environment: environment.folder,
  };
}

/** All environments below a folder that are whole, the newest version first. */
export async function environments(root: string): Promise<Environment[]> {
  const found = await Promise.all((await folders(root)).map((folder) => whole(folder)));
  return found
    .filter((one) => one !== undefined)
    .sort((a, b) => compareVersions(parseVersion(b.version) ?? [], parseVersion(a.version) ?? []));
}

/**
 * Make an environment with the server in it; what is half-made is removed when that fails.
 *
 * @throws SetUpError with a sentence for the user.
 */
export async function makeEnvironment(root: string, recipe: Recipe): Promise<Environment> {
  const folder = join(root, `${PREFIX}${recipe.version}-${Date.now().toString(36)}`);
  const { signal, onLine } = recipe;
  try {
    await attempt("The extension's storage", () => claim(folder));
    recipe.onStep("making a Python environment");
    check(
      "Python's venv module",
      await run(recipe.python, ["-I", "-m", "venv", folder], { seconds: MAKE_SECONDS, signal, onLine }),
    );
    recipe.onStep("installing the server and the libraries it needs");
    const pip = ["-I", "-m", "pip", "install", "--disable-pip-version-check", "--no-input", recipe.wheel];
    check("pip", await run(interpreter(folder), pip, { seconds: INSTALL_SECONDS, signal, onLine }));
    recipe.onStep("trying it");
    const environment = { folder, version: recipe.version };
    const version = await askVersion(programOf(environment));
    if (version === undefined) throw new SetUpError("The server was installed but does not run; the log says why.");
    if (version !== recipe.version) {
      throw new SetUpError(`Version ${version} was installed instead of ${recipe.version}; install the extension again.`);
    }
    if (signal.aborted) throw new SetUpError("cancelled");
    await attempt("The extension's storage", async () => {
      await writeFile(join(folder, `${MARKER}.draft`), JSON.stringify({ version }));
      await rename(join(folder, `${MARKER}.draft`), join(folder, MARKER));
    });
    return environment;
  } catch (error) {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    throw error;
  }
}

/** Say that this process uses an environment; until it ends, no window removes it. */
export async function claim(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${CLAIM}${process.pid}`), "");
}

/** Say that this process does not use an environment any more. */
export async function release(folder: string): Promise<void> {
  await rm(join(folder, `${CLAIM}${process.pid}`), { force: true });
}

/** Remove all environments that no process uses, whole or half-made, but one; returns what was removed. */
export async function tidy(root: string, keep: string): Promise<string[]> {
  const removed = [];
  for (const folder of await folders(root)) {
    if (folder === keep || (await isInUse(folder))) continue;
    await rm(folder, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined);
    removed.push(folder);
  }
  return removed;
}

function interpreter(folder: string): string {
  return process.platform === "win32" ? join(folder, "Scripts", "python.exe") : join(folder, "bin", "python");
}

async function folders(root: string): Promise<string[]> {
  const names = await readdir(root).catch(() => []);
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => join(root, name));
}

async function whole(folder: string): Promise<Environment | undefined> {
  try {
    const marker = JSON.parse(await readFile(join(folder, MARKER), "utf-8")) as { version?: unknown };
    return typeof marker.version === "string" ? { folder, version: marker.version } : undefined;
  } catch {
    return undefined;
  }
}

async function isInUse(folder: string): Promise<boolean> {
  const names = await readdir(folder).catch(() => []);
  return names.some((name) => name.startsWith(CLAIM) && isAlive(Number(name.slice(CLAIM.length))));
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

function check(program: string, outcome: Outcome): void {
  if (outcome.code !== 0) throw new SetUpError(sentence(program, outcome.all));
}

async function attempt(what: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    throw new SetUpError(sentence(what, String(error)));
  }
}
