// Commands that a person runs in terminals, once they have ended.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { careful } from "./careful";
import { ledgerOf, type Span } from "./ledger";
import { cut, folderPath, whereRun, workspaceOf } from "./plain";
import { type ShellRun, ShellRuns } from "./shellRuns";
import { TaskTerminals } from "./taskTerminals";

const VALUE = String.raw`(?:"[^"]*"|'[^']*'|[^\s"'])*`;
const LAUNCHER = String.raw`(?:env|command|time|nohup|sudo|uv\s+run)`;
const PROGRAM = String.raw`(?:"(?:[^"]*[\\/])?proactive(?:\.exe)?"|'(?:[^']*[\\/])?proactive(?:\.exe)?'|(?:\S*[\\/])?proactive(?:\.exe)?)`;
const WRAPPED = new RegExp(String.raw`^\s*(?:&\s*)?(?:(?:\w+=${VALUE}|${LAUNCHER})\s+)*${PROGRAM}\s+exec(?:\s|$)`);

/** Whether a command is run through `proactive exec`, which reports it itself. */
export function isWrapped(command: string): boolean {
  return WRAPPED.test(command);
}

/**
 * Reports each command with the end of its output. One that was cut off by closing its terminal is reported without
 * exit code and output: whoever closes it is done with it, and what it printed is no news that asks for help.
 */
export function terminal(connection: Connection): vscode.Disposable {
  const runs = new ShellRuns();
  const taskTerminals = new TaskTerminals();
  const ledger = ledgerOf(connection);
  const spans = new Map<ShellRun, Span>();

  const report = (run: ShellRun): void => {
    const span = spans.get(run);
    if (span !== undefined) ledger.end(span);
    spans.delete(run);
    const command = run.command;
    if (command === "" || isWrapped(command) || taskTerminals.owns(run)) return;
    connection.report({
      kind: "terminal.run",
      where: whereRun(run.cwd),
      data: {
        command: cut(command),
        cwd: folderPath(run.cwd),
        exit_code: run.exitCode ?? null,
        seconds: run.seconds,
        output: run.isCutOff ? "" : run.output,
      },
    });
  };
  return vscode.Disposable.from(
    runs,
    taskTerminals,
    runs.onDidStart((run) => {
      spans.set(run, ledger.begin(workspaceOf(run.cwd)));
    }),
    runs.onDidEnd(careful("terminal", report)),
    {
      dispose: () => {
        for (const span of spans.values()) ledger.end(span);
      },
    },
  );
}
