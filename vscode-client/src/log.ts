// The output channel: what users and reports of defects need to see. No text of files goes there.

import * as vscode from "vscode";

export const log: vscode.LogOutputChannel = vscode.window.createOutputChannel("Proactive", { log: true });

/** The reason in an error, one line. */
export function reason(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n", 1)[0] ?? "";
}
