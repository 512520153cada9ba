// Tells the terminals of tasks from those in which a person types: the shell integration speaks of both.

import * as vscode from "vscode";
import type { ShellRun } from "./shellRuns";

/** What VS Code writes into a terminal that it uses for another task, and then takes for the command line. */
const USED_AGAIN = /^\s*\*\s+\S.*:\s/;

export class TaskTerminals implements vscode.Disposable {
  private readonly known = new WeakSet<vscode.Terminal>();
  private readonly subscription: vscode.Disposable;

  constructor() {
    this.subscription = vscode.tasks.onDidStartTaskProcess(({ processId }) => {
      for (const terminal of vscode.window.terminals) {
        void terminal.processId.then((id) => {
          if (id === processId) this.known.add(terminal);
        });
      }
    });
  }

  /** Whether a run, which has ended, was a task's. */
  owns(run: ShellRun): boolean {
    return this.known.has(run.terminal) || isUsedAgain(run);
  }

  dispose(): void {
    this.subscription.dispose();
  }
}

/** Whether the run is of a task in a terminal that was another's before; its process id is still that other's. */
export function isUsedAgain(run: ShellRun): boolean {
  return USED_AGAIN.test(run.command);
}
