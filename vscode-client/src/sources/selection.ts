// Whether something is selected, so that nobody is interrupted in the midst of it. Holds no content.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { isOn } from "../settings";
import { careful } from "./careful";
import { isFile, whereOf } from "./plain";

/** Milliseconds for which it has to last: a double click is a selection only if it stays. */
const REST = 200;

/**
 * Reports that a selection became active, or ceased to be. It has no switch, since it can only bring silence; which
 * document it is in is told where `sources.focus` lets that be known.
 */
export function selection(connection: Connection): vscode.Disposable {
  let told = false;
  let timer: NodeJS.Timeout | undefined;

  const report = careful("selection", () => {
    timer = undefined;
    const editor = vscode.window.activeTextEditor;
    const selecting = isSelecting(editor);
    if (selecting === told) return;
    told = selecting;
    const uri = editor?.document.uri;
    const where = uri !== undefined && isFile(uri) && isOn("focus") ? whereOf(uri) : {};
    connection.report({ kind: "selection.changed", where, data: { selecting } });
  });
  const notice = (): void => {
    if (isSelecting(vscode.window.activeTextEditor) !== told) timer ??= setTimeout(report, REST);
  };
  return vscode.Disposable.from(
    vscode.window.onDidChangeTextEditorSelection(notice),
    vscode.window.onDidChangeActiveTextEditor(notice),
    connection.onDidChangeHealth((health) => {
      if (health.kind !== "running") return;
      told = false; // which is what a server that has just started takes for granted
      notice();
    }),
    {
      dispose: () => {
        clearTimeout(timer);
      },
    },
  );
}

function isSelecting(editor: vscode.TextEditor | undefined): boolean {
  if (editor === undefined || !isFile(editor.document.uri)) return false;
  return editor.selections.some((range) => !range.isEmpty);
}
