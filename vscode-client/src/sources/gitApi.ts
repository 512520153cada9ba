// The part of the built-in git extension's interface that is used here, and the way to it.

import * as vscode from "vscode";

export interface Commit {
  readonly hash: string;
  readonly message: string;
  readonly parents: readonly string[];
  readonly authorDate?: Date;
  readonly commitDate?: Date;
}

export interface RepositoryState {
  /** `name` is the branch, undefined on a detached head; `commit` is undefined before the first. */
  readonly HEAD: { readonly name?: string; readonly commit?: string } | undefined;
  readonly rebaseCommit: unknown;
  /** Files with conflicts. */
  readonly mergeChanges: readonly { readonly uri: vscode.Uri }[];
  readonly onDidChange: vscode.Event<void>;
}

export interface Repository {
  readonly rootUri: vscode.Uri;
  readonly state: RepositoryState;
  getCommit(ref: string): Promise<Commit>;
  /** Rejects where there is no such branch. */
  getBranch(name: string): Promise<unknown>;
}

export interface GitApi {
  readonly repositories: readonly Repository[];
  readonly onDidOpenRepository: vscode.Event<Repository>;
  readonly onDidCloseRepository: vscode.Event<Repository>;
}

interface GitExtension {
  readonly enabled: boolean;
  readonly onDidChangeEnablement: vscode.Event<boolean>;
  /** Throws while git is switched off or missing. */
  getAPI(version: 1): GitApi;
}

/**
 * Calls back with the interface as soon as there is one, and again whenever git was switched off and on. Where the
 * extension is missing or disabled, that is never. VS Code activates it at its own start, before extensions like ours;
 * so nothing is activated for us.
 */
export function onGit(listener: (api: GitApi | undefined) => void): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let isFound = false;
  let isOver = false;
  const look = async (): Promise<void> => {
    const extension = vscode.extensions.getExtension<GitExtension>("vscode.git");
    if (isFound || extension === undefined) return;
    isFound = true;
    const git = await extension.activate();
    if (isOver) return;
    const tell = (enabled: boolean): void => {
      listener(enabled ? git.getAPI(1) : undefined);
    };
    subscriptions.push(git.onDidChangeEnablement(tell));
    tell(git.enabled);
  };
  const start = (): void => {
    look().catch(() => {
      isFound = false; // it may come up when it is enabled again
    });
  };
  subscriptions.push(vscode.extensions.onDidChange(start));
  start();
  return new vscode.Disposable(() => {
    isOver = true;
    for (const subscription of subscriptions) subscription.dispose();
  });
}
