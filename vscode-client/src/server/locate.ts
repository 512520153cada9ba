// Finds the program that serves: looks in one place after the other, and takes the first that runs and is new enough.

import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { environments, programOf } from "./environment";
import { asCommand, asModule, askVersion, type Program } from "./program";
import { commandFolder, tools } from "./tools";
import { isTooOld } from "./version";
import { pathFolders, which } from "./which";

/** What the search depends on. */
export interface Surroundings {
  /** The setting `proactive.server.command`; empty: look for one. */
  readonly command: readonly string[];
  /** The version of the extension, which the server must not fall behind. */
  readonly version: string;
  /** The interpreter that the user has chosen for this workspace. */
  readonly activePython: () => Promise<string | undefined>;
  /** Folders out of which no program is run: those of an untrusted workspace. */
  readonly avoid: readonly string[];
  /** Where the private environments are. */
  readonly storage: string;
  /** Told what was looked at and why it was not taken. */
  readonly note: (line: string) => void;
}

export type Located =
  | { readonly kind: "found"; readonly program: Program; readonly version: string | undefined }
  | { readonly kind: "missing"; readonly problem: string }
  /** The user's own setting names none. */
  | { readonly kind: "wrong"; readonly problem: string };

/** Find the program to start. */
export async function locate(around: Surroundings): Promise<Located> {
  if (around.command.length > 0) return fromSetting(around);
  return choose(candidates(around), around.version, askVersion, around.note);
}

/**
 * The first candidate that tells a version which is new enough.
 *
 * A private environment is taken in any version, since it is brought up to date while it serves.
 */
export async function choose(
  places: AsyncIterable<Program>,
  wanted: string,
  ask: (program: Program) => Promise<string | undefined>,
  note: (line: string) => void,
): Promise<Located> {
  let old: { program: Program; version: string } | undefined;
  for await (const program of places) {
    const version = await ask(program);
    const name = `${program.command} (${program.from})`;
    if (version === undefined) {
      note(`no server: ${name}`);
    } else if (program.environment === undefined && isTooOld(version, wanted)) {
      note(`too old a server, ${version}: ${name}`);
      old ??= { program, version };
    } else {
      note(`the server, ${version}: ${name}`);
      return { kind: "found", program, version };
    }
  }
  if (old === undefined) return { kind: "missing", problem: "Proactive's server is not installed here yet." };
  const problem = `The server found for Proactive (${old.program.from}) is version ${old.version}, older than this extension needs (${wanted}).`;
  return { kind: "missing", problem };
}

/** All places in their order; each is looked at only if those before it hold nothing. */
async function* candidates(around: Surroundings): AsyncGenerator<Program> {
  const python = await around.activePython();
  if (python !== undefined) yield asModule(python, "the chosen Python environment");
  const seen = new Set<string>();
  for (const folder of pathFolders()) {
    const command = await which("proactive", [folder], around.avoid);
    if (command === undefined || seen.has(command)) continue;
    seen.add(command);
    yield asCommand(command, "PATH");
  }
  for await (const [folder, from] of toolFolders(around.avoid)) {
    const command = await which("proactive", [folder], around.avoid);
    if (command === undefined || seen.has(command)) continue;
    seen.add(command);
    yield asCommand(command, from);
  }
  for (const environment of await environments(around.storage)) yield programOf(environment);
}

async function* toolFolders(avoid: readonly string[]): AsyncGenerator<readonly [string, string]> {
  yield [join(homedir(), ".local", "bin"), "~/.local/bin"];
  for (const tool of await tools(avoid)) {
    const folder = await commandFolder(tool);
    if (folder !== undefined) yield [folder, tool.name];
  }
}

/** The user's own choice is taken as it is; only that there is something to start is seen to. */
async function fromSetting(around: Surroundings): Promise<Located> {
  const [name = "", ...args] = around.command;
  const from = "The setting proactive.server.command";
  const isPath = /[\\/]/.test(name);
  const command = isPath ? name.replace(/^~(?=[\\/])/, homedir()) : await which(name, pathFolders(), around.avoid);
  if (command !== undefined && (!isPath || (isAbsolute(command) && existsSync(command)))) {
    return { kind: "found", program: { command, args, from }, version: undefined };
  }
  const what = isPath ? "is no full path of a program" : "is not on PATH";
  return { kind: "wrong", problem: `${from} names '${name}', which ${what}; correct the setting or empty it.` };
}
