// The sources: each watches one part of the editor, and only while its switch is on.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { isOn, onSettings, type SourceName } from "../settings";

/** Watches one part of the editor and reports what happens there, until it is disposed of. */
export type Source = (connection: Connection) => vscode.Disposable;

/** Every source under the name of its switch. */
const SOURCES: Partial<Record<SourceName, Source>> = {};

/** Starts the sources that are on, and follows their switches. */
export function watch(connection: Connection): vscode.Disposable {
  const running = new Map<SourceName, vscode.Disposable>();
  const arrange = (): void => {
    for (const [name, source] of Object.entries(SOURCES) as [SourceName, Source][]) {
      const wanted = isOn(name);
      if (wanted && !running.has(name)) running.set(name, source(connection));
      if (!wanted) {
        running.get(name)?.dispose();
        running.delete(name);
      }
    }
  };
  arrange();
  return vscode.Disposable.from(onSettings("sources", arrange), {
    dispose: () => {
      for (const source of running.values()) source.dispose();
    },
  });
}
