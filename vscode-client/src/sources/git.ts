// Commits, branch switches and conflicts, as the built-in git extension sees them.
//
// The server watches the repositories of the workspace folders as well; this adds those that lie deeper.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { log, reason } from "../log";
import { careful } from "./careful";
import { changesBetween, type GitChange, type GitState, readState } from "./gitChanges";
import { type GitApi, onGit, type Repository } from "./gitApi";
import { cut, workspaceOf } from "./plain";

/** Milliseconds for which a repository has to rest: a rebase goes through many states. */
const REST = 500;

const REMEMBERED = 500;

/** Reports what happens in every repository that the git extension has open. */
export function git(connection: Connection): vscode.Disposable {
  const watched = new Map<Repository, vscode.Disposable>();
  const commits = new Set<string>();
  let subscriptions: vscode.Disposable | undefined;

  const watch = (repository: Repository): void => {
    if (repository.rootUri.scheme !== "file" || watched.has(repository)) return;
    watched.set(repository, watchRepository(connection, repository, commits));
  };
  const forget = (repository: Repository): void => {
    watched.get(repository)?.dispose();
    watched.delete(repository);
  };
  const forgetAll = (): void => {
    subscriptions?.dispose();
    for (const repository of [...watched.keys()]) forget(repository);
  };
  const begin = careful("git", (api: GitApi | undefined) => {
    forgetAll();
    if (api === undefined) return;
    subscriptions = vscode.Disposable.from(api.onDidOpenRepository(watch), api.onDidCloseRepository(forget));
    api.repositories.forEach(watch);
  });
  return vscode.Disposable.from(onGit(begin), { dispose: forgetAll });
}

function watchRepository(connection: Connection, repository: Repository, commits: Set<string>): vscode.Disposable {
  let known: GitState | undefined;
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  let work = Promise.resolve();

  const look = async (): Promise<void> => {
    const before = known;
    const after = await readState(repository);
    known = after;
    // Without a commit or a branch it has not been read yet, or there is nothing in it.
    if (before === undefined || (after.commit === undefined && after.branch === null)) return;
    for (const change of await changesBetween(before, after, repository)) {
      if (change.kind === "git.committed") {
        if (commits.has(change.data.commit)) continue;
        if (commits.size >= REMEMBERED) commits.clear();
        commits.add(change.data.commit);
      }
      if (!isOver) report(connection, repository, change);
    }
  };
  const queue = (): void => {
    work = work.then(look).catch((error: unknown) => {
      log.warn(`git: ${reason(error)}`);
    });
  };
  queue();
  const subscription = repository.state.onDidChange(() => {
    clearTimeout(timer);
    timer = setTimeout(queue, REST);
  });
  return new vscode.Disposable(() => {
    isOver = true;
    clearTimeout(timer);
    subscription.dispose();
  });
}

function report(connection: Connection, { rootUri }: Repository, change: GitChange): void {
  const where = { workspace: workspaceOf(rootUri) ?? rootUri.toString() };
  if (change.kind !== "git.committed") connection.report({ ...change, where });
  else connection.report({ ...change, where, data: { ...change.data, subject: cut(change.data.subject) } });
}
