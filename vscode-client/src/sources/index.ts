// The sources: each watches one part of the editor, and only while its switch is on.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { isOn, onSettings, type SourceName } from "../settings";
import { careful } from "./careful";
import { debug } from "./debug";
import { diagnostics } from "./diagnostics";
import { focus } from "./focus";
import { git } from "./git";
import { idle } from "./idle";
import { selection } from "./selection";
import { tasks } from "./tasks";
import { terminal } from "./terminal";
import { tests } from "./tests";

/** Watches one part of the editor and reports what happens there, until it is disposed of. */
export type Source = (connection: Connection) => vscode.Disposable;

/** Every source under the name of its switch. */
const SOURCES: Record<SourceName, Source> = { terminal, tasks, tests, debug, diagnostics, git, focus, idle };

/** Starts the sources that are on, and follows their switches. */
export function watch(connection: Connection): vscode.Disposable {
  const running = new Map<SourceName, vscode.Disposable>();
  const start = careful("a source did not start", (name: SourceName) => {
    running.set(name, SOURCES[name](connection));
  });
  const arrange = (): void => {
    for (const name of Object.keys(SOURCES) as SourceName[]) {
      const wanted = isOn(name);
      if (wanted && !running.has(name)) start(name);
      if (!wanted) {
        running.get(name)?.dispose();
        running.delete(name);
      }
    }
  };
  arrange();
  return vscode.Disposable.from(selection(connection), onSettings("sources", arrange), {
    dispose: () => {
      for (const source of running.values()) source.dispose();
    },
  });
}
