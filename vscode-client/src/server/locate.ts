// Finds the program that serves: the user's setting, else `proactive` on PATH.

import * as vscode from "vscode";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  /** Where it was found, for the log and the user. */
  readonly from: string;
}

/** The program to start; undefined where there is none. */
export function locate(): Program | undefined {
  const [command, ...args] = vscode.workspace.getConfiguration("proactive").get<string[]>("server.command", []);
  if (command !== undefined) return { command, args, from: "the setting proactive.server.command" };
  return { command: "proactive", args: ["serve"], from: "PATH" };
}
