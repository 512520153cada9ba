// Diagnostics of every server and linter but our own: all that is said of one document, each time it changes.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import type { PlainDiagnostic, PlainSeverity } from "../events";
import { careful } from "./careful";
import { cut, isFile, plainRange, whereOf } from "./plain";

/** The server's own hints, which it knows. */
const OURS = "proactive";

/** Milliseconds for which changes are gathered: servers publish at each keystroke. */
const GATHER = 200;

/** How many are told of one file, errors first. */
export const MOST_ITEMS = 300;

const MOST_MESSAGE = 2000;

const SEVERITIES: Record<vscode.DiagnosticSeverity, PlainSeverity> = {
  [vscode.DiagnosticSeverity.Error]: "error",
  [vscode.DiagnosticSeverity.Warning]: "warning",
  [vscode.DiagnosticSeverity.Information]: "information",
  [vscode.DiagnosticSeverity.Hint]: "hint",
};

/** Reports documents that are open, and those reported before until nothing is left to say of them. */
export function diagnostics(connection: Connection): vscode.Disposable {
  const told = new Map<string, string>();
  const due = new Map<string, vscode.Uri>();
  let timer: NodeJS.Timeout | undefined;

  const flush = careful("diagnostics", () => {
    timer = undefined;
    const changed = [...due];
    due.clear();
    const open = new Set(vscode.workspace.textDocuments.map((document) => document.uri.toString()));
    for (const [address, uri] of changed) {
      if (!open.has(address) && !told.has(address)) continue;
      const items = plainDiagnostics(vscode.languages.getDiagnostics(uri));
      const now = JSON.stringify(items);
      if (now === (told.get(address) ?? "[]")) continue;
      if (items.length > 0) told.set(address, now);
      else told.delete(address);
      connection.report({ kind: "diagnostics", where: whereOf(uri), data: { items } });
    }
  });
  const notice = (uris: readonly vscode.Uri[]): void => {
    for (const uri of uris) if (isFile(uri)) due.set(uri.toString(), uri);
    if (due.size > 0) timer ??= setTimeout(flush, GATHER);
  };
  const noticeOpen = (): void => {
    notice(vscode.workspace.textDocuments.map((document) => document.uri));
  };

  noticeOpen();
  return vscode.Disposable.from(
    vscode.languages.onDidChangeDiagnostics((change) => {
      notice(change.uris);
    }),
    // A linter of whole projects may have spoken of it long before.
    vscode.workspace.onDidOpenTextDocument((document) => {
      notice([document.uri]);
    }),
    connection.onDidChangeHealth((health) => {
      if (health.kind !== "running") return;
      told.clear(); // a server that has just started knows of none
      noticeOpen();
    }),
    {
      dispose: () => {
        clearTimeout(timer);
      },
    },
  );
}

function plainDiagnostics(all: readonly vscode.Diagnostic[]): PlainDiagnostic[] {
  return all
    .filter((diagnostic) => diagnostic.source !== OURS)
    .sort((one, other) => one.severity - other.severity)
    .slice(0, MOST_ITEMS)
    .map((diagnostic) => ({
      range: plainRange(diagnostic.range),
      message: cut(diagnostic.message, MOST_MESSAGE),
      severity: SEVERITIES[diagnostic.severity],
      code: plainCode(diagnostic.code),
      tool: diagnostic.source ?? null,
    }));
}

/** Many servers give a code together with a page about it. */
function plainCode(code: vscode.Diagnostic["code"]): string | null {
  if (code === undefined) return null;
  return cut(String(typeof code === "object" ? code.value : code));
}
