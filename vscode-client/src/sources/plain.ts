// Plain values of VS Code's ranges, addresses and folders, as `proactive/event` has them.

import * as vscode from "vscode";
import type { PlainRange, Where } from "../events";

/** How many characters a string may have before the server refuses the event. */
const MOST_CHARACTERS = 16_384;

const MOST_LINES = 2 ** 31 - 1;

/** The range in UTF-16 code units, as VS Code counts, too. Some linters end a range at infinity. */
export function plainRange({ start, end }: vscode.Range): PlainRange {
  return [whole(start.line), whole(start.character), whole(end.line), whole(end.character)];
}

/** A line or character that the protocol can carry. */
export function whole(value: number): number {
  return Math.min(Math.max(Math.trunc(value), 0), MOST_LINES);
}

/** The text, or its beginning if it is too long to be sent. */
export function cut(text: string, most = MOST_CHARACTERS): string {
  return text.length > most ? text.slice(0, most) : text;
}

/** Whether it is a file on disk; git's, an output channel's and other made-up documents are nobody's work. */
export function isFile(uri: vscode.Uri): boolean {
  return uri.scheme === "file";
}

/**
 * The workspace folder that holds a file or folder; null if it lies outside. Where nothing is known, the window's only
 * folder.
 */
export function workspaceOf(uri: vscode.Uri | undefined): string | null {
  if (uri !== undefined) return vscode.workspace.getWorkspaceFolder(uri)?.uri.toString() ?? null;
  const [only, another] = vscode.workspace.workspaceFolders ?? [];
  return only !== undefined && another === undefined ? only.uri.toString() : null;
}

/** Where a file is, with its language if it is open. */
export function whereOf(uri: vscode.Uri, range?: PlainRange): Where {
  const address = uri.toString();
  const language = vscode.workspace.textDocuments.find((open) => open.uri.toString() === address)?.languageId;
  return {
    uri: address,
    workspace: workspaceOf(uri),
    ...(language === undefined ? {} : { language }),
    ...(range === undefined ? {} : { range }),
  };
}

/** Where a run took place, of which the folder is known, or is not. */
export function whereRun(cwd: vscode.Uri | undefined): Where {
  return { workspace: workspaceOf(cwd) };
}

/** The path of a folder on disk; null if it is unknown or elsewhere. */
export function folderPath(cwd: vscode.Uri | undefined): string | null {
  return cwd !== undefined && isFile(cwd) ? cut(cwd.fsPath) : null;
}
