// The menu behind the status item: what waits, ways to have quiet, and where to look further; only what applies now.

import * as vscode from "vscode";
import type { Connection, Health } from "../connection";
import type { Status, Suggestion } from "../protocol";
import { acceptLabel } from "./answer";
import { isPaused, isSnoozed } from "./contextKeys";
import { standing } from "./languageModel";
import { reach } from "./presentation";
import { clock, counted, place, plain } from "./text";

/** A row: the command it runs, or, for one suggestion of several, the rows that follow. */
export interface Entry {
  readonly label: string;
  readonly icon: string;
  readonly description?: string;
  readonly command?: string;
  readonly argument?: string;
  readonly suggestion?: Suggestion;
}

export interface Group {
  readonly title: string;
  readonly entries: readonly Entry[];
}

/** What else the menu goes by. */
export interface Circumstances {
  readonly now: Date;
  /** Whether this workspace's own settings can switch suggestions off. */
  readonly canPause: boolean;
}

/** The menu's groups; empty ones are left out. */
export function menu(health: Health, status: Status | undefined, circumstances: Circumstances): Group[] {
  const running = health.kind === "running" && status !== undefined;
  const groups = running
    ? [waiting(status), quiet(status, circumstances), looking(status)]
    : [repair(health)];
  return [...groups, further(running ? status : undefined)].filter((group) => group.entries.length > 0);
}

/** What can be done with one suggestion. */
export function answers(suggestion: Suggestion): Entry[] {
  const argument = suggestion.id;
  const what = `${plain(suggestion.title)} · ${place(suggestion)}`;
  return [
    { label: acceptLabel(suggestion), icon: "check", description: what, command: "proactive.acceptSuggestion", argument },
    { label: "Go to", icon: "go-to-file", description: place(suggestion), command: "proactive.goToSuggestion", argument },
    { label: "Dismiss", icon: "close", command: "proactive.dismissSuggestion", argument },
    { label: "Why now?", icon: "question", command: "proactive.whyNow", argument },
  ];
}

function waiting(status: Status): Group {
  const { suggestions } = status;
  const [only] = suggestions;
  if (only !== undefined && suggestions.length === 1) return { title: "A suggestion waits", entries: answers(only) };
  const entries = suggestions
    .map((one) => ({ label: plain(one.title), icon: "lightbulb", description: place(one), suggestion: one }))
    .reverse();
  return { title: `${counted(suggestions.length, "suggestion")} wait`, entries };
}

function quiet(status: Status, { now, canPause }: Circumstances): Group {
  const entries: Entry[] = [];
  if (isPaused(status)) {
    entries.push({ label: "Resume for this workspace", icon: "play", command: "proactive.resumeWorkspace" });
  } else {
    if (isSnoozed(status)) {
      const where = (status.snoozes ?? []).map(reach).join(", ");
      const description = status.snoozedUntil === undefined ? where : `until ${clock(new Date(status.snoozedUntil), now)}`;
      entries.push({ label: "End snooze", icon: "bell", description, command: "proactive.wake" });
    }
    if (status.state !== "snoozed") {
      entries.push({ label: "Snooze for an hour", icon: "bell-slash", command: "proactive.snoozeAll" });
    }
    entries.push({ label: "Snooze…", icon: "clock", description: "how long, and where", command: "proactive.snoozeFor" });
    if (canPause) {
      entries.push({ label: "Pause for this workspace", icon: "debug-pause", command: "proactive.pauseWorkspace" });
    }
  }
  return { title: "Quiet", entries };
}

function looking(status: Status): Group {
  const silent = status.suggestions.length === 0 && status.lastDecision !== undefined && !isPaused(status);
  return {
    title: "Looking back",
    entries: [
      ...(silent ? [{ label: "Why no suggestion?", icon: "question", command: "proactive.whyNow" }] : []),
      { label: "What have you seen?", icon: "history", command: "proactive.showTimeline" },
    ],
  };
}

function repair(health: Health): Group {
  const setUp = { label: "Set up the server", icon: "cloud-download", command: "proactive.setUpServer" };
  const restart = { label: "Restart the server", icon: "debug-restart", command: "proactive.restartServer" };
  switch (health.kind) {
    case "missing":
      return { title: "There is no server yet", entries: [setUp, restart] };
    case "failed":
      return { title: "The server does not run", entries: [restart, setUp] };
    case "stopped":
      return { title: "The server does not run", entries: [{ ...restart, label: "Start the server" }] };
    default:
      return { title: "The server is starting", entries: [restart] };
  }
}

function further(status: Status | undefined): Group {
  const model = status?.model;
  const description = model === undefined ? "none is named" : `${plain(model.name, 60)}: ${standing(model)}`;
  const entry = { label: "Language model", icon: "hubot", description, command: "proactive.languageModel" };
  return {
    title: "More",
    entries: [
      ...(status === undefined ? [] : [entry]),
      { label: "Settings", icon: "gear", command: "proactive.openSettings" },
      { label: "Show log", icon: "output", command: "proactive.showLog" },
    ],
  };
}

interface Row extends vscode.QuickPickItem {
  readonly entry?: Entry;
}

function rows(groups: readonly Group[]): Row[] {
  return groups.flatMap(({ title, entries }) => [
    { label: title, kind: vscode.QuickPickItemKind.Separator },
    ...entries.map((entry) => ({
      label: entry.label,
      // Not in the label, where a screen reader would read the icon's name out.
      iconPath: new vscode.ThemeIcon(entry.icon),
      ...(entry.description ? { description: entry.description } : {}),
      entry,
    })),
  ]);
}

/** Open the menu and do what is chosen. */
export async function showMenu(connection: Connection, canPause: boolean): Promise<void> {
  const groups = menu(connection.health, connection.status, { now: new Date(), canPause });
  await choose(groups, "Proactive");
}

async function choose(groups: readonly Group[], title: string): Promise<void> {
  const row = await vscode.window.showQuickPick(rows(groups), { title, matchOnDescription: true });
  const entry = row?.entry;
  if (entry?.suggestion !== undefined) {
    await choose([{ title: place(entry.suggestion), entries: answers(entry.suggestion) }], plain(entry.suggestion.title));
  } else if (entry?.command !== undefined) {
    await vscode.commands.executeCommand(entry.command, ...(entry.argument === undefined ? [] : [entry.argument]));
  }
}
