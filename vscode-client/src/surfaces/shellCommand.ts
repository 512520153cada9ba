// A suggestion that is a shell command: shown, and on a click put into a terminal, where the user's Enter runs it.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { log, reason } from "../log";
import { ServerCommand, type Suggestion } from "../protocol";
import { plain } from "./text";

const MOST = 1000;

/** Whether a command may be put at a prompt: one line without a character that a terminal would act on or hide. */
export function isTypeable(command: string): boolean {
  return command.trim() !== "" && command.length <= MOST && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(command);
}

/** Show the command with buttons; taken once the user has put it into a terminal or on the clipboard. */
export async function offerCommand(connection: Connection, suggestion: Suggestion, command: string): Promise<void> {
  const type = "Put into Terminal";
  const copy = "Copy";
  const typeable = isTypeable(command);
  const hint = typeable ? "" : " (It is not a plain single line: look at it closely before you run it.)";
  const chosen = await vscode.window.showInformationMessage(
    `${plain(suggestion.title)}: ${plain(command, 300)}${hint}`,
    ...(typeable ? [type, copy] : [copy]),
  );
  if (chosen === undefined) return;
  if (chosen === copy) await vscode.env.clipboard.writeText(command);
  else putIntoTerminal(suggestion, command);
  await connection.execute(ServerCommand.accepted, { id: suggestion.id });
}

/** Shows the commands that the server hands over: those that a code action brought, and those just written. */
export function followCommands(connection: Connection): vscode.Disposable {
  return connection.onDidOfferCommand((suggestion) => {
    if (suggestion.command === null) return;
    offerCommand(connection, suggestion, suggestion.command).catch((error: unknown) => {
      log.error(`a command could not be offered: ${reason(error)}`);
    });
  });
}

/** In a terminal of its own, since in the others something may be running that would take the text for input. */
function putIntoTerminal(suggestion: Suggestion, command: string): void {
  const folder = vscode.workspace.getWorkspaceFolder(vscode.Uri.parse(suggestion.uri));
  const terminal = vscode.window.createTerminal({ name: "Proactive", ...(folder ? { cwd: folder.uri } : {}) });
  terminal.show();
  terminal.sendText(command, false);
}
