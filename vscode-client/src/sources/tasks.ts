// The editor's tasks, once their process has ended: with output where their terminal gives some.

import { setTimeout as delay } from "node:timers/promises";
import { isAbsolute, resolve } from "node:path";
import * as vscode from "vscode";
import type { Connection } from "../connection";
import { careful } from "./careful";
import { ledgerOf, type Span } from "./ledger";
import { cut, folderPath, whereRun, workspaceOf } from "./plain";
import { type ShellRun, ShellRuns } from "./shellRuns";
import { isUsedAgain } from "./taskTerminals";

/** Milliseconds that a terminal may take to tell of the end after the task's own. */
const GRACE = 500;

/** Milliseconds between a terminal's telling of the start and the task's own. */
const EARLIER = 5000;

/** Where tasks come from that a person wrote into tasks.json; their label says it all. */
const OWN = new Set(["", "Workspace", "User"]);

interface Running {
  readonly started: number;
  readonly processId: number;
  readonly cwd: vscode.Uri | undefined;
  readonly span: Span;
  /** The terminal's side of it. */
  run: ShellRun | undefined;
}

/** Reports every task that runs a process. */
export function tasks(connection: Connection): vscode.Disposable {
  const shellRuns = new ShellRuns();
  const ledger = ledgerOf(connection);
  const running = new Map<vscode.TaskExecution, Running>();

  const started = async ({ execution, processId }: vscode.TaskProcessStartEvent): Promise<void> => {
    const cwd = folderOf(execution.task);
    const span = ledger.begin(workspaceOf(cwd));
    const one: Running = { started: Date.now(), processId, cwd, span, run: undefined };
    running.set(execution, one);
    one.run = await runOf(one);
  };
  const ended = async ({ execution, exitCode }: vscode.TaskProcessEndEvent): Promise<void> => {
    const one = running.get(execution);
    if (one === undefined) return;
    const seconds = (Date.now() - one.started) / 1000;
    ledger.end(one.span);
    one.run ??= await runOf(one);
    if (one.run !== undefined) await Promise.race([one.run.whole, delay(GRACE)]);
    if (!running.delete(execution)) return; // switched off in the meantime
    const { task } = execution;
    connection.report({
      kind: "task.run",
      where: whereRun(one.cwd),
      data: {
        name: nameOf(task),
        kind: task.group?.id === vscode.TaskGroup.Test.id ? "test" : "task",
        cwd: folderPath(one.cwd),
        exit_code: exitCode ?? null,
        seconds,
        output: one.run?.output ?? "",
      },
    });
  };
  /** The terminal's run that is this task's; undefined where it is not certain. */
  const runOf = async (one: Running): Promise<ShellRun | undefined> => {
    const claimed = new Set([...running.values()].map((other) => other.run));
    const free = shellRuns.recent.filter(
      (run) => !claimed.has(run) && run.started >= one.started - EARLIER && (run.ended ?? Infinity) >= one.started,
    );
    const ids = await Promise.all(free.map((run) => run.terminal.processId));
    const same = free.filter((_run, index) => ids[index] === one.processId);
    const again = free.filter(isUsedAgain);
    const [only, another] = same.length > 0 ? same : again;
    return another === undefined ? only : undefined;
  };
  return vscode.Disposable.from(
    shellRuns,
    vscode.tasks.onDidStartTaskProcess(careful("tasks", started)),
    vscode.tasks.onDidEndTaskProcess(careful("tasks", ended)),
    {
      dispose: () => {
        for (const one of running.values()) ledger.end(one.span);
        running.clear();
      },
    },
  );
}

function nameOf(task: vscode.Task): string {
  return cut(OWN.has(task.source) ? task.name : `${task.source}: ${task.name}`);
}

/** Where it runs, as far as that can be known: its own folder may be named by variables of which we know but one. */
function folderOf(task: vscode.Task): vscode.Uri | undefined {
  const folder = scopeOf(task);
  const { execution } = task;
  const own =
    execution instanceof vscode.ShellExecution || execution instanceof vscode.ProcessExecution
      ? execution.options?.cwd
      : undefined;
  if (own === undefined || own === "") return folder;
  const path = folder === undefined ? own : own.replaceAll(/\$\{(?:workspaceFolder|workspaceRoot)\}/g, folder.fsPath);
  if (path.includes("${")) return undefined;
  if (isAbsolute(path)) return vscode.Uri.file(path);
  return folder === undefined ? undefined : vscode.Uri.file(resolve(folder.fsPath, path));
}

function scopeOf(task: vscode.Task): vscode.Uri | undefined {
  if (typeof task.scope === "object") return task.scope.uri;
  const [only, another] = vscode.workspace.workspaceFolders ?? [];
  return another === undefined ? only?.uri : undefined;
}
