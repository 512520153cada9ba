// The extension: ties the server, the sources and the surfaces together.

import * as vscode from "vscode";
import { log } from "./log";
import { ServerClient } from "./server/client";
import { watch } from "./sources";
import { show } from "./surfaces";

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const connection = new ServerClient();
  context.subscriptions.push(log, show(context, connection), watch(connection), connection);
  await connection.start();
}
