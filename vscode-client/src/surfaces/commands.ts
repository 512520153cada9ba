// The commands for keys, menus and the palette.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { log, reason } from "../log";
import type { Suggestion } from "../protocol";
import { accept, dismiss, goTo, why } from "./answer";
import { caretOf, meant } from "./choice";
import { showModel } from "./languageModel";
import { showMenu } from "./menu";
import { canPause, pause, resume } from "./pause";
import { snoozeAll, snoozeFor, wake } from "./snooze";

type Command = (id?: unknown) => Promise<unknown>;

/** The extension's identifier, by which its settings and its walkthrough are found. */
export const EXTENSION = "proactive-lsp.proactive-lsp";

/**
 * The commands that surfaces offer, by identifier. Those about a suggestion take its identifier, or go by where the caret
 * is.
 */
export function commands(connection: Connection): Record<string, Command> {
  const which = (id: unknown): Suggestion | undefined => {
    const suggestions = connection.status?.suggestions ?? [];
    if (typeof id === "string") return suggestions.find((one) => one.id === id);
    return meant(suggestions, caretOf(vscode.window.activeTextEditor));
  };
  const about =
    (act: (suggestion: Suggestion) => Promise<unknown>): Command =>
    async (id) => {
      const suggestion = which(id);
      if (suggestion !== undefined) await act(suggestion);
      else vscode.window.setStatusBarMessage("No suggestion is waiting.", 5000);
    };
  return {
    "proactive.menu": () => showMenu(connection, canPause()),
    "proactive.goToSuggestion": about(goTo),
    "proactive.acceptSuggestion": about((suggestion) => accept(connection, suggestion)),
    "proactive.dismissSuggestion": about((suggestion) => dismiss(connection, suggestion)),
    "proactive.whyNow": (id) => why(connection, which(id)),
    "proactive.snoozeAll": () => snoozeAll(connection),
    "proactive.snoozeFor": () => snoozeFor(connection),
    "proactive.wake": () => wake(connection),
    "proactive.pauseWorkspace": pause,
    "proactive.resumeWorkspace": () => resume(connection),
    "proactive.languageModel": () => showModel(connection),
    "proactive.openSettings": async () =>
      vscode.commands.executeCommand("workbench.action.openSettings", `@ext:${EXTENSION}`),
  };
}

/** Registers them; what goes wrong in one is said in one sentence. */
export function registerCommands(connection: Connection): vscode.Disposable {
  const registered = Object.entries(commands(connection)).map(([name, command]) =>
    vscode.commands.registerCommand(name, async (id?: unknown) => {
      try {
        await command(id);
      } catch (error) {
        log.error(`${name}: ${reason(error)}`);
        const show = "Show Log";
        const chosen = await vscode.window.showErrorMessage("Proactive could not do that; its log says why.", show);
        if (chosen === show) log.show();
      }
    }),
  );
  return vscode.Disposable.from(...registered);
}
