// The surfaces: what the user sees and reaches by keys.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { StatusItem } from "./statusItem";

/** Puts all surfaces up. */
export function show(connection: Connection): vscode.Disposable {
  return vscode.Disposable.from(new StatusItem(connection));
}
