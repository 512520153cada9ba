// Makes text from files and terminals fit for one line of the editor's own widgets, and puts places and times in words.

import * as vscode from "vscode";

const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}\s]+/gu;
const UNSEEN = /\p{Cf}/gu;
const ZERO_WIDTH = "\u200b";

/**
 * One line of at most `most` characters that is shown as it is: no control or direction characters, and nothing that a
 * label takes for an icon, `$(…)`, or a message for a link, `[…](…)`.
 */
export function plain(text: string, most = 120): string {
  const line = Array.from(text.replace(BREAKS, " ").replace(UNSEEN, "").trim());
  const cut = line.length > most ? `${line.slice(0, most - 1).join("").trimEnd()}…` : line.join("");
  return cut.replaceAll("$(", `$${ZERO_WIDTH}(`).replaceAll("](", `]${ZERO_WIDTH}(`);
}

/** Where something is, for people: `src/stats.py:12`, with the line counted from one. */
export function place(spot: { readonly uri: string; readonly line: number }): string {
  return `${fileName(spot.uri)}:${spot.line + 1}`;
}

/** A file's path within the workspace. */
export function fileName(uri: string): string {
  return plain(vscode.workspace.asRelativePath(vscode.Uri.parse(uri)));
}

/** A time to come, in this machine's zone: `15:30`, or with the day of the week if that is not today. */
export function clock(time: Date, now: Date): string {
  const sameDay = time.toDateString() === now.toDateString();
  return time.toLocaleTimeString([], { ...(sameDay ? {} : { weekday: "short" }), hour: "2-digit", minute: "2-digit" });
}

/** `1 suggestion`, `2 suggestions`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Whether two URIs, written in whatever way, are the same one. */
export function sameUri(one: string, other: string): boolean {
  return vscode.Uri.parse(one).toString() === vscode.Uri.parse(other).toString();
}
