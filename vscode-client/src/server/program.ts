// A program that serves: how to start it, and how to ask it for its version.

import { run } from "./run";

const SECONDS = 15;

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Where it was found, for the log and the user. */
  readonly from: string;
  /** The folder of the private environment that it belongs to. */
  readonly environment?: string;
}

/** The server as a module of a Python; `-P` and `-I` keep modules of the current folder out of it. */
export function asModule(python: string, from: string): Program {
  return { command: python, args: ["-P", "-m", "proactive_server", "serve"], from };
}

/** The server as the command that an installation brings. */
export function asCommand(command: string, from: string): Program {
  return { command, args: ["serve"], from };
}

/** How a program is asked for its version; undefined for one that is started in some way of the user's own. */
export function versionCommand(program: Program): readonly string[] | undefined {
  const serve = program.args.lastIndexOf("serve");
  return serve === -1 ? undefined : [...program.args.slice(0, serve), "--version"];
}

/** The version that a program tells when it is run; undefined if it cannot be run or is something else. */
export async function askVersion(program: Program): Promise<string | undefined> {
  const args = versionCommand(program);
  if (args === undefined) return undefined;
  const outcome = await run(program.command, args, { seconds: SECONDS });
  const version = outcome.out.trim();
  return outcome.code === 0 && /^\d+\.\d+\S*$/.test(version) ? version : undefined;
}

export function isSame(a: Program | undefined, b: Program | undefined): boolean {
  return a?.command === b?.command && JSON.stringify(a?.args) === JSON.stringify(b?.args);
}
