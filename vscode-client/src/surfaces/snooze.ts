// Ways to have quiet for a while, and to end it.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { ServerCommand, type SnoozeScope } from "../protocol";
import { clock, fileName } from "./text";

/** One way to have quiet; of several targets each is snoozed. */
export interface SnoozeChoice {
  readonly label: string;
  readonly until: string;
  readonly scope: SnoozeScope;
  readonly minutes: number;
  readonly uris: readonly (string | undefined)[];
}

const HOUR = 60;
const MORNING = 8;
/** Before this hour it is still last night to whoever is up: the morning to come is today's. */
const NIGHT_ENDS = 5;

/** Whole minutes until eight in the morning of the next day, local time. */
export function minutesUntilMorning(now: Date): number {
  const morning = new Date(now);
  if (now.getHours() >= NIGHT_ENDS) morning.setDate(morning.getDate() + 1);
  morning.setHours(MORNING, 0, 0, 0);
  return Math.ceil((morning.getTime() - now.getTime()) / 60_000);
}

/** The ways to have quiet now; those for the file and the workspace only where there is one. */
export function snoozeChoices(now: Date, file: string | undefined, folders: readonly string[]): SnoozeChoice[] {
  const choice = (label: string, scope: SnoozeScope, minutes: number, uris: readonly (string | undefined)[]): SnoozeChoice => ({
    label,
    until: `until ${clock(new Date(now.getTime() + minutes * 60_000), now)}`,
    scope,
    minutes,
    uris,
  });
  const everywhere = [undefined];
  return [
    choice("15 minutes", "all", 15, everywhere),
    choice("1 hour", "all", HOUR, everywhere),
    choice("Until tomorrow morning", "all", minutesUntilMorning(now), everywhere),
    ...(file === undefined ? [] : [choice(`Only ${fileName(file)}, 1 hour`, "file", HOUR, [file])]),
    ...(folders.length === 0 ? [] : [choice("Only this workspace, 1 hour", "workspace", HOUR, folders)]),
  ];
}

/** Snooze everything for an hour. */
export async function snoozeAll(connection: Connection): Promise<void> {
  await connection.execute(ServerCommand.snooze, { scope: "all", minutes: HOUR });
}

/** Let the user choose for how long and where to have quiet. */
export async function snoozeFor(connection: Connection): Promise<void> {
  const document = vscode.window.activeTextEditor?.document;
  const file = document?.uri.scheme === "file" ? document.uri.toString() : undefined;
  const folders = (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.toString());
  const chosen = await vscode.window.showQuickPick(
    snoozeChoices(new Date(), file, folders).map((choice) => ({ label: choice.label, description: choice.until, choice })),
    { title: "Proactive: Snooze", placeHolder: "For how long should it be quiet?" },
  );
  if (chosen === undefined) return;
  const { scope, minutes, uris } = chosen.choice;
  for (const uri of uris) {
    await connection.execute(ServerCommand.snooze, { scope, minutes, ...(uri === undefined ? {} : { uri }) });
  }
}

/** End every snooze that stands. */
export async function wake(connection: Connection): Promise<void> {
  const standing = connection.status?.snoozes ?? [{ scope: "all" as const, uri: null }];
  for (const { scope, uri } of standing) {
    await connection.execute(ServerCommand.snooze, { scope, minutes: 0, ...(typeof uri === "string" ? { uri } : {}) });
  }
}
