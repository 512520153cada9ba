// Which document is in front. Of windows nothing is told: another's title is not ours to know.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { careful } from "./careful";
import { isFile, whereOf } from "./plain";

/** Milliseconds that a document has to stay in front: who leafs through files looks at none. */
const REST = 250;

/** Reports a document that came to the front, each once until another does. */
export function focus(connection: Connection): vscode.Disposable {
  let told: string | undefined;
  let timer: NodeJS.Timeout | undefined;

  const report = careful("focus", () => {
    const uri = vscode.window.activeTextEditor?.document.uri;
    if (uri === undefined || !isFile(uri) || uri.toString() === told) return;
    told = uri.toString();
    connection.report({ kind: "document.focused", where: whereOf(uri), data: {} });
  });
  const arm = (): void => {
    clearTimeout(timer);
    timer = setTimeout(report, REST);
  };
  arm();
  return vscode.Disposable.from(
    vscode.window.onDidChangeActiveTextEditor(arm),
    connection.onDidChangeHealth((health) => {
      if (health.kind !== "running") return;
      told = undefined; // a server that has just started does not know
      arm();
    }),
    {
      dispose: () => {
        clearTimeout(timer);
      },
    },
  );
}
