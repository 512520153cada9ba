// The first run: one line on what is seen and where it stays, and the walkthrough; once in the life of an installation.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { EXTENSION } from "./commands";

const GREETED = "greeted";

export const GREETING = "Proactive sees your edits, runs and diagnostics in this editor; all of it stays on this machine.";

/**
 * What the first run does. The walkthrough opens only where nothing else is open, and not for those who want no page at
 * the start; everybody else gets one line that leads there.
 */
export function greeting(state: {
  readonly greeted: boolean;
  readonly automated: boolean;
  readonly openTabs: number;
  readonly startupEditor: string;
}): "nothing" | "walkthrough" | "line" {
  if (state.greeted || state.automated) return "nothing";
  return state.openTabs === 0 && state.startupEditor !== "none" ? "walkthrough" : "line";
}

/** Open the walkthrough. */
export async function openWalkthrough(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.openWalkthrough", `${EXTENSION}#start`, false);
}

/** Greets once, when the server runs for the first time; until then, setting it up comes first. */
export function welcome(context: vscode.ExtensionContext, connection: Connection): vscode.Disposable {
  const greet = async (): Promise<void> => {
    if (connection.health.kind !== "running") return;
    const what = greeting({
      greeted: context.globalState.get(GREETED, false),
      automated: context.extensionMode !== vscode.ExtensionMode.Production || Boolean(process.env.CI),
      // The editor's own welcome page is a tab without an input.
      openTabs: vscode.window.tabGroups.all.flatMap((group) => group.tabs).filter((tab) => tab.input !== undefined).length,
      startupEditor: vscode.workspace.getConfiguration("workbench").get("startupEditor", ""),
    });
    if (what === "nothing") return;
    await context.globalState.update(GREETED, true);
    if (what === "walkthrough") {
      await openWalkthrough();
      return;
    }
    const more = "Show Me Around";
    if ((await vscode.window.showInformationMessage(GREETING, more)) === more) await openWalkthrough();
  };
  void greet();
  return vscode.Disposable.from(
    connection.onDidChangeHealth(() => void greet()),
    vscode.commands.registerCommand("proactive.openWalkthrough", openWalkthrough),
  );
}
