// That the person paused, and came back: no key, mouse or command for some minutes.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { careful } from "./careful";

/** Milliseconds without any sign of activity. */
const AFTER = 5 * 60_000;

/**
 * Reports the beginning and the end of a pause.
 *
 * @param after milliseconds without a sign.
 * @param isActive whether VS Code has seen a key or the mouse in this window within its own last minute or so.
 */
export function idle(
  connection: Connection,
  after = AFTER,
  isActive = (): boolean => vscode.window.state.active,
): vscode.Disposable {
  let last = Date.now();
  let isIdle = false;
  let timer: NodeJS.Timeout | undefined;

  const look = careful("idle", () => {
    if (isActive()) last = Date.now();
    const left = last + after - Date.now();
    if (left > 0) {
      timer = setTimeout(look, left);
      return;
    }
    timer = undefined; // nothing runs until there is a sign
    isIdle = true;
    connection.report({ kind: "idle.began", data: {} });
  });
  const sign = (): void => {
    const now = Date.now();
    const seconds = Math.max(now - last, 0) / 1000;
    last = now; // all that is done while somebody types
    if (!isIdle) return;
    isIdle = false;
    connection.report({ kind: "idle.ended", data: { seconds } });
    timer = setTimeout(look, after);
  };
  /** Tools and extensions change documents, too; in a window that is not in front the person does not. */
  const signInFront = (): void => {
    if (vscode.window.state.focused) sign();
  };
  timer = setTimeout(look, after);
  return vscode.Disposable.from(
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (contentChanges.length > 0 && document === vscode.window.activeTextEditor?.document) signInFront();
    }),
    vscode.window.onDidChangeTextEditorSelection(signInFront),
    vscode.window.onDidChangeActiveTextEditor(signInFront),
    vscode.window.onDidChangeActiveTerminal(signInFront),
    vscode.window.onDidStartTerminalShellExecution(signInFront),
    vscode.window.onDidChangeWindowState(({ active }) => {
      if (active) sign();
    }),
    {
      dispose: () => {
        clearTimeout(timer);
      },
    },
  );
}
