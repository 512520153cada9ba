// Results of test runs that no terminal and no task tells of: from the reports that test runners write.
//
// What other extensions' test runs give is open to VS Code's own extensions alone (the proposal `testObserver`).

import { readFile, stat } from "node:fs/promises";
import { basename, dirname, relative, sep } from "node:path";
import * as vscode from "vscode";
import type { Connection } from "../connection";
import type { Failure } from "../events";
import { log, reason } from "../log";
import { careful } from "./careful";
import { type JUnitReport, parseJUnit } from "./junit";
import { foldersAbove, plainFailure } from "./junitFailure";
import { ledgerOf } from "./ledger";
import { cut } from "./plain";
import { CACHE, LAST_FAILED, outcome, parseLastFailed, rootOf } from "./pytestCache";

/** Names that test runners and their users give to reports. What is in such a file still has to be one. */
const REPORT = /(?:test|junit|xunit|jest|nose|spec|report|result)[^/\\]*\.xml$/i;

const MOST_BYTES = 8 * 2 ** 20;
const MOST_FAILURES = 100;
const MOST_FILES = 500;

/** Milliseconds without a change after which reports are complete; a runner may write one for each class. */
const SETTLE = 600;

/** Milliseconds within which a run that wrote a report ends. */
const HOLD = 4000;

interface Result {
  readonly name: string;
  readonly cwd: string;
  readonly exitCode: number;
  readonly seconds: number | null;
  readonly failures: readonly Failure[];
}

/** Reports what test reports say that are written from now on, unless a terminal's or task's run wrote them. */
export function tests(connection: Connection): vscode.Disposable {
  const ledger = ledgerOf(connection);
  /** Paths and when they were written last, of each workspace folder. */
  const written = new Map<vscode.WorkspaceFolder, Map<string, number>>();
  const timers = new Map<vscode.WorkspaceFolder, NodeJS.Timeout>();
  const lastFailed = new Map<string, ReadonlySet<string>>();
  let isOver = false;

  const read = careful("tests", async (folder: vscode.WorkspaceFolder) => {
    const files = written.get(folder) ?? new Map<string, number>();
    written.delete(folder);
    timers.delete(folder);
    const address = folder.uri.toString();
    const known = [...files].map(([file, time]) => ({ file, isTold: ledger.covers(address, time) }));
    const cached = await Promise.all(
      known.filter(({ file }) => isCache(file)).map(async ({ file, isTold }) => ({ isTold, result: await fromCache(file) })),
    );
    const reported = await fromReports(
      known.filter(({ file, isTold }) => !isCache(file) && !isTold).map(({ file }) => file),
      folder,
    );
    const hasReport = known.some(({ file }) => !isCache(file)); // which says more about the same run
    const names = hasReport ? [] : cached.flatMap(({ isTold, result }) => (isTold || !result ? [] : [result]));
    if (isOver) return;
    for (const { name, cwd, exitCode, seconds, failures } of [...reported, ...names]) {
      connection.report({
        kind: "task.run",
        where: { workspace: address },
        data: { name: cut(name), kind: "test", cwd, exit_code: exitCode, seconds, output: "", failures },
      });
    }
  });
  const notice = (uri: vscode.Uri): void => {
    const folder = vscode.workspace.getWorkspaceFolder(uri);
    if (folder === undefined || uri.scheme !== "file" || uri.path.includes("/node_modules/")) return;
    if (!isCache(uri.fsPath) && !REPORT.test(basename(uri.fsPath))) return;
    const files = written.get(folder) ?? new Map<string, number>();
    if (files.size < MOST_FILES) files.set(uri.fsPath, Date.now());
    written.set(folder, files);
    clearTimeout(timers.get(folder));
    const wait = ledger.isBusy(folder.uri.toString()) ? HOLD : SETTLE;
    timers.set(folder, setTimeout(read, wait, folder));
  };
  const fromCache = async (file: string): Promise<Result | undefined> => {
    const before = lastFailed.get(file);
    const after = await readLastFailed(file);
    if (after === undefined) return undefined;
    lastFailed.set(file, after);
    const cwd = rootOf(file);
    const seen = before === undefined ? undefined : outcome(before, after, cwd);
    return seen === undefined ? undefined : { name: "pytest", cwd, seconds: null, ...seen };
  };
  const start = careful("tests", async () => {
    for (const { uri } of vscode.workspace.workspaceFolders ?? []) {
      if (uri.scheme !== "file") continue;
      const file = vscode.Uri.joinPath(uri, LAST_FAILED).fsPath;
      const now = await readLastFailed(file);
      if (!lastFailed.has(file)) lastFailed.set(file, now ?? new Set());
    }
  });

  start();
  // What is put into a new folder at once may be missed; pytest makes its own for the first run.
  const watchers = ["**/*.xml", `**/${LAST_FAILED}`, `**/${CACHE}`].map((glob) =>
    vscode.workspace.createFileSystemWatcher(glob, false, false, true),
  );
  return vscode.Disposable.from(
    ...watchers,
    ...watchers.map((watcher) => watcher.onDidChange(notice)),
    ...watchers.map((watcher) =>
      watcher.onDidCreate((uri) => {
        const file = basename(uri.fsPath) === CACHE ? vscode.Uri.joinPath(uri, "..", LAST_FAILED) : uri;
        if (isCache(file.fsPath) && !lastFailed.has(file.fsPath)) lastFailed.set(file.fsPath, new Set());
        notice(file);
      }),
    ),
    {
      dispose: () => {
        isOver = true;
        for (const timer of timers.values()) clearTimeout(timer);
      },
    },
  );
}

function isCache(file: string): boolean {
  return file.split(sep).join("/").endsWith(`/${LAST_FAILED}`);
}

async function readLastFailed(file: string): Promise<Set<string> | undefined> {
  const text = await readText(file);
  try {
    return text === undefined ? undefined : parseLastFailed(text);
  } catch {
    return undefined; // half written; its end is noticed, too
  }
}

/** The reports of one folder are of one run. */
async function fromReports(files: readonly string[], folder: vscode.WorkspaceFolder): Promise<Result[]> {
  const runs = new Map<string, { file: string; report: JUnitReport }[]>();
  for (const file of files) {
    const text = await readText(file);
    if (text === undefined) continue;
    try {
      const report = parseJUnit(text, MOST_FAILURES);
      runs.set(dirname(file), [...(runs.get(dirname(file)) ?? []), { file, report }]);
    } catch (error) {
      log.debug(`${basename(file)}: ${reason(error)}`);
    }
  }
  return [...runs].map(([place, reports]) => resultOf(place, reports, folder));
}

function resultOf(
  place: string,
  reports: readonly { file: string; report: JUnitReport }[],
  folder: vscode.WorkspaceFolder,
): Result {
  const top = folder.uri.fsPath;
  const isOurs = (path: string): boolean =>
    vscode.workspace.getWorkspaceFolder(vscode.Uri.file(path)) !== undefined && !/[\\/]node_modules[\\/]/.test(path);
  const failures = reports.flatMap(({ file, report }) => {
    const folders = foldersAbove(file, top);
    return report.failed.map((failed) => plainFailure(failed, folders, isOurs));
  });
  const [only, another] = reports;
  const path = relative(top, only !== undefined && another === undefined ? only.file : place);
  const suite = another === undefined ? (only?.report.name ?? "") : "";
  return {
    name: suite === "" ? path : `${suite}: ${path}`,
    cwd: top,
    exitCode: reports.some(({ report }) => report.failures > 0) ? 1 : 0,
    seconds: reports.reduce((sum, { report }) => sum + report.seconds, 0),
    failures: failures.slice(0, MOST_FAILURES),
  };
}

/** A file's text; undefined where there is none, or too much of it. */
async function readText(file: string): Promise<string | undefined> {
  try {
    const { size } = await stat(file);
    return size > MOST_BYTES ? undefined : await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}
