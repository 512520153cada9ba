// The language model, where one is named: how it stands, in words, and the way to its setting.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import type { ModelStatus } from "../protocol";
import { SECTION } from "../settings";
import { plain } from "./text";

/** How it stands in a few words: `ready, 3 of 120 calls this hour`, or `offline`. */
export function standing({ state, calls, callsPerHour }: ModelStatus): string {
  if (state === "offline") return "offline";
  if (state === "spent") return "spent for now";
  return `${state}, ${calls} of ${callsPerHour} calls this hour`;
}

/** The same with its name, and with what is wrong: `Language model qwen@localhost: offline (…)`. */
export function modelLine(model: ModelStatus): string {
  const problem = model.problem === undefined ? "" : ` (${plain(model.problem, 300)})`;
  return `Language model ${plain(model.name, 60)}: ${standing(model)}${problem}`;
}

/** What a screen reader is told of it beside the rest: that it is away; empty while all is well. */
export function modelAway(model: ModelStatus | undefined): string {
  if (model?.state === "offline") return "language model offline";
  return model?.state === "spent" ? "language model spent for now" : "";
}

/** Show what is wrong with the model, in a dialog, since one has asked; else go where it is named. */
export async function showModel(connection: Connection): Promise<void> {
  const model = connection.status?.model;
  if (model?.problem !== undefined) {
    const settings = "Open Settings";
    const detail = `${plain(model.problem, 600)}\n\nSuggestions that need no model go on; it is asked again by itself.`;
    const title = `Language model ${plain(model.name, 60)}: ${standing(model)}`;
    if ((await vscode.window.showInformationMessage(title, { modal: true, detail }, settings)) !== settings) return;
  }
  await vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.model.name`);
}
