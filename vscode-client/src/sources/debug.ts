// Stops of the debugger at exceptions and breakpoints: where, and the exception's message; no variables.

import { isAbsolute } from "node:path";
import * as vscode from "vscode";
import type { Connection } from "../connection";
import { careful } from "./careful";
import { type Stop, StopListener } from "./debugStop";
import { cut, whereOf, whole, workspaceOf } from "./plain";

/** Reports the stops of all sessions of all debuggers. */
export function debug(connection: Connection): vscode.Disposable {
  let isOver = false;
  return vscode.Disposable.from(
    vscode.debug.registerDebugAdapterTrackerFactory("*", {
      createDebugAdapterTracker(session) {
        const listener = new StopListener(isOurs, (stop) => {
          if (!isOver) report(connection, session, stop);
        });
        return {
          onWillReceiveMessage: careful("debug", listener.request.bind(listener)),
          onDidSendMessage: careful("debug", listener.receive.bind(listener)),
          onWillStopSession: careful("debug", listener.end.bind(listener)),
        };
      },
    }),
    {
      dispose: () => {
        isOver = true; // sessions that run keep their listeners until they end
      },
    },
  );
}

function isOurs(path: string): boolean {
  return isAbsolute(path) && vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) !== undefined;
}

function report(connection: Connection, session: vscode.DebugSession, { reason, message, frame }: Stop): void {
  const line = whole(frame?.line ?? 0);
  const character = whole(frame?.character ?? 0);
  connection.report({
    kind: "debug.stopped",
    where:
      frame === undefined
        ? { workspace: workspaceOf(session.workspaceFolder?.uri) }
        : whereOf(vscode.Uri.file(frame.path), [line, character, line, character]),
    data: { reason, message: message === null ? null : cut(message) },
  });
}
