// The extension: ties the server, the sources and the surfaces together.

import * as vscode from "vscode";
import type { Connection } from "./connection";
import { log } from "./log";
import { serve, type Server } from "./server";
import { watch } from "./sources";
import { show } from "./surfaces";

let server: Server | undefined;

/** Activates without waiting for the server; returns the connection to it. */
export function activate(context: vscode.ExtensionContext): Connection {
  server = serve(context);
  const { connection } = server;
  context.subscriptions.push(log, show(context, connection), watch(connection));
  server.start();
  return connection;
}

/** Resolves when the server has ended. */
export async function deactivate(): Promise<void> {
  await server?.stop();
  server = undefined;
}
