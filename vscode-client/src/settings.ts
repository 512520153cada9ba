// Reads the user's settings; their table is the server's (settings.generated.ts).

import * as vscode from "vscode";
import { DEFAULTS, type ISettings } from "./settings.generated";

export const SECTION = "proactive";

/** The settings that the server knows, as they are now; the extension's own are left out. */
export function settings(): ISettings {
  const section = vscode.workspace.getConfiguration(SECTION);
  return Object.fromEntries(
    Object.entries(DEFAULTS).map(([key, value]) => [key, section.get(key, value as unknown)]),
  ) as unknown as ISettings;
}

/** The sources that can be switched off one by one. */
export type SourceName = Exclude<keyof ISettings["sources"], "activityWatch">;

/** Whether a source is on. */
export function isOn(source: SourceName): boolean {
  return settings().sources[source];
}

/** Calls back when the settings under a key, such as `sources`, have changed. */
export function onSettings(key: string, listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${SECTION}.${key}`)) listener();
  });
}
