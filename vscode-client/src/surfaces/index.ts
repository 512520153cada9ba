// The surfaces: what the user sees and reaches by keys.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { registerCommands } from "./commands";
import { followContext } from "./contextKeys";
import { followCommands } from "./shellCommand";
import { StatusItem } from "./statusItem";
import { TimelineView } from "./timelineView";
import { welcome } from "./welcome";

/** Puts all surfaces up. */
export function show(context: vscode.ExtensionContext, connection: Connection): vscode.Disposable {
  return vscode.Disposable.from(
    followContext(connection),
    followCommands(connection),
    registerCommands(connection),
    new StatusItem(connection),
    new TimelineView(connection, vscode.Uri.joinPath(context.extensionUri, "media")),
    welcome(context, connection),
  );
}
