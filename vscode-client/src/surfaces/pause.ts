// Pausing for this workspace: `proactive.enable` in the workspace's own settings.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { SECTION } from "../settings";
import { isPaused } from "./contextKeys";

/**
 * Whether this window has a workspace whose settings count. Without a folder there is nothing to pause but everything,
 * which a snooze does; and what an untrusted folder's settings say of it does not count.
 */
export function canPause(): boolean {
  return (vscode.workspace.workspaceFolders?.length ?? 0) > 0 && vscode.workspace.isTrusted;
}

/** Switch suggestions off for this workspace. */
export async function pause(): Promise<void> {
  if (canPause()) {
    await vscode.workspace.getConfiguration(SECTION).update("enable", false, vscode.ConfigurationTarget.Workspace);
    return;
  }
  const snooze = "Snooze…";
  const why = vscode.workspace.isTrusted ? "No folder is open here" : "This workspace is not trusted, so its settings do not count";
  if ((await vscode.window.showInformationMessage(`${why}: snooze instead.`, snooze)) === snooze) {
    await vscode.commands.executeCommand("proactive.snoozeFor");
  }
}

/** Switch suggestions on again for this workspace, also where the user's own settings have them off. */
export async function resume(connection: Connection): Promise<void> {
  const section = vscode.workspace.getConfiguration(SECTION);
  if (section.get<boolean>("enable", true)) {
    if (isPaused(connection.status)) {
      void vscode.window.showInformationMessage("The project's .proactive.toml switches suggestions off; change it there.");
    }
    return;
  }
  const given = section.inspect<boolean>("enable");
  const elsewhere = given?.globalValue ?? true;
  const target = canPause() ? vscode.ConfigurationTarget.Workspace : vscode.ConfigurationTarget.Global;
  const restore = target === vscode.ConfigurationTarget.Workspace && !elsewhere ? true : undefined;
  await section.update("enable", restore, target);
}
