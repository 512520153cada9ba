// What one can do with a suggestion: go there, take it, turn it down, ask why it came.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { type Decision, ServerCommand, type Suggestion } from "../protocol";
import { offerCommand } from "./shellCommand";
import { place, plain } from "./text";

/** Go to the spot of a suggestion; it goes on waiting. */
export async function goTo(spot: { readonly uri: string; readonly line: number }): Promise<void> {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.parse(spot.uri));
  const line = document.lineAt(Math.min(spot.line, document.lineCount - 1));
  const at = new vscode.Position(line.lineNumber, line.firstNonWhitespaceCharacterIndex);
  await vscode.window.showTextDocument(document, { selection: new vscode.Range(at, at) });
}

/** Take a suggestion: apply its edit, offer its command, or go there. */
export async function accept(connection: Connection, suggestion: Suggestion): Promise<void> {
  const { id, hasEdit, command } = suggestion;
  if (hasEdit) await connection.execute(ServerCommand.apply, { id });
  else if (command !== null) await offerCommand(connection, suggestion, command);
  else await connection.execute(ServerCommand.goto, { id });
}

/** What taking a suggestion does, as a button says it. */
export function acceptLabel(suggestion: Suggestion): string {
  if (suggestion.hasEdit) return "Accept";
  return suggestion.command === null ? "Accept and Go There" : "Show the Command";
}

/** Turn a suggestion down. */
export async function dismiss(connection: Connection, suggestion: Suggestion): Promise<void> {
  await connection.execute(ServerCommand.dismiss, { id: suggestion.id });
}

/** Why a suggestion came, a sentence a line: what led to it, and how sure it was that help was wanted. */
export function because(suggestion: Suggestion, decision: Decision | undefined): string {
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const threshold = decision?.threshold === undefined ? "" : `; it speaks above ${percent(decision.threshold)}`;
  return [
    `${plain(suggestion.task, 300)} (${place(suggestion)})`,
    "",
    ...suggestion.because.map((sentence) => `• ${plain(sentence, 300)}`),
    "",
    `Help seemed wanted with a probability of ${percent(suggestion.need)}${threshold}.`,
  ].join("\n");
}

/**
 * Say why a suggestion came, or why there was none. In a dialog, since one has asked, it takes several lines, and what
 * the sentences quote from terminals must not turn into links, as it would in a message.
 */
export async function why(connection: Connection, suggestion: Suggestion | undefined): Promise<void> {
  if (suggestion === undefined) {
    await connection.execute(ServerCommand.why, {});
    return;
  }
  const timeline = await connection.timeline(256);
  const decision = timeline?.decisions.find((one) => one.suggestion?.id === suggestion.id);
  const take: vscode.MessageItem = { title: acceptLabel(suggestion) };
  const there: vscode.MessageItem = { title: "Go to" };
  const chosen = await vscode.window.showInformationMessage(
    plain(suggestion.title),
    { modal: true, detail: because(suggestion, decision) },
    take,
    there,
  );
  if (chosen === take) await accept(connection, suggestion);
  if (chosen === there) await goTo(suggestion);
}
