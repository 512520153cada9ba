// Context keys by which keys and menus know what applies now.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import type { Status } from "../protocol";

/** What holds of a status, under the names that package.json uses. */
export function contextKeys(status: Status | undefined): Record<string, boolean> {
  return {
    "proactive.waiting": (status?.suggestions.length ?? 0) > 0,
    "proactive.snoozed": isSnoozed(status),
    "proactive.paused": isPaused(status),
  };
}

/** Whether there is quiet somewhere that can be ended. */
export function isSnoozed(status: Status | undefined): boolean {
  return status?.snoozedUntil !== undefined || (status?.snoozes?.length ?? 0) > 0;
}

/** Whether suggestions are switched off. */
export function isPaused(status: Status | undefined): boolean {
  return status?.paused ?? status?.state === "off";
}

/** Keeps the context keys at what holds. */
export function followContext(connection: Connection): vscode.Disposable {
  const told = new Map<string, boolean>();
  const tell = (status: Status | undefined): void => {
    for (const [key, value] of Object.entries(contextKeys(status))) {
      if (told.get(key) === value) continue;
      told.set(key, value);
      void vscode.commands.executeCommand("setContext", key, value);
    }
  };
  tell(connection.status);
  return connection.onDidChangeStatus(tell);
}
