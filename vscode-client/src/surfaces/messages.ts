// The server's messages, as text: they quote files and terminals, and VS Code would make a link, even one that runs a
// command, of whatever looks like one.

import * as vscode from "vscode";
import {
  type LanguageClient,
  type MessageActionItem,
  MessageType,
  type ShowMessageParams,
  type ShowMessageRequestParams,
} from "vscode-languageclient/node";
import { plain } from "./text";

const LONGEST = 2000;

/** Has the client show messages without links. */
export function showMessagesPlain(client: Pick<LanguageClient, "onNotification" | "onRequest">): void {
  client.onNotification("window/showMessage", (message: ShowMessageParams) => {
    void show(message, []);
  });
  client.onRequest("window/showMessageRequest", async (message: ShowMessageRequestParams) =>
    (await show(message, message.actions ?? [])) ?? null,
  );
}

function show({ type, message }: ShowMessageParams, actions: MessageActionItem[]): Thenable<MessageActionItem | undefined> {
  const text = plain(message, LONGEST);
  switch (type) {
    case MessageType.Error:
      return vscode.window.showErrorMessage(text, ...actions);
    case MessageType.Warning:
      return vscode.window.showWarningMessage(text, ...actions);
    default:
      return vscode.window.showInformationMessage(text, ...actions);
  }
}
