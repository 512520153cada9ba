// What happened in one repository, made out from two states of it that the git extension gives.

import { readFile, stat } from "node:fs/promises";
import { join, relative, resolve, sep } from "node:path";
import type { Payloads } from "../events";
import type { Commit, Repository } from "./gitApi";

/** What is compared; `conflicts` are paths relative to the repository's root. */
export interface GitState {
  readonly branch: string | null;
  readonly commit: string | undefined;
  readonly conflicts: readonly string[];
  /** A merge, rebase, cherry-pick or revert that is under way. */
  readonly operation: string | undefined;
}

export type GitChange =
  | { readonly kind: "git.committed"; readonly data: Payloads["git.committed"] }
  | { readonly kind: "git.switched"; readonly data: Payloads["git.switched"] }
  | { readonly kind: "git.conflicted"; readonly data: Payloads["git.conflicted"] };

/** Milliseconds after which a commit is not one that was just made here. */
const FRESH = 120_000;

/** The extension may look only after some commits. */
const MOST_COMMITS = 10;

/** By `git pull`, which brings home what others did. */
const PULLED = /^Merge (?:remote-tracking branch|(?:branch|tag)\b.* of )/;

const MARKS: readonly [string, string][] = [
  ["rebase-merge", "rebase"],
  ["rebase-apply", "rebase"],
  ["CHERRY_PICK_HEAD", "cherry-pick"],
  ["REVERT_HEAD", "revert"],
  ["MERGE_HEAD", "merge"],
];

/** The state as it is now. */
export async function readState({ rootUri, state }: Repository): Promise<GitState> {
  const root = rootUri.fsPath;
  return {
    branch: state.HEAD?.name ?? null,
    commit: state.HEAD?.commit,
    conflicts: state.mergeChanges.map(({ uri }) => relative(root, uri.fsPath).split(sep).join("/")).sort(),
    operation: await operationIn(root),
  };
}

/**
 * What happened between two states, in this order: switched, committed, conflicted. What a rebase does on its way is
 * not told, nor what comes from elsewhere: pulls, fast-forwards, resets.
 */
export async function changesBetween(
  before: GitState,
  after: GitState,
  repository: Pick<Repository, "getBranch" | "getCommit">,
  now = Date.now(),
): Promise<GitChange[]> {
  const changes: GitChange[] = [];
  if (after.operation !== "rebase" && before.operation !== "rebase") {
    const { branch } = after;
    if (branch !== before.branch && !(await isRenamed(before.branch, branch, repository))) {
      changes.push({ kind: "git.switched", data: { branch, previous: before.branch } });
    }
    const commit = await committed(before.commit, after.commit, repository, now);
    if (commit !== undefined) {
      const subject = commit.message.split("\n", 1)[0] ?? "";
      changes.push({ kind: "git.committed", data: { commit: commit.hash, subject, branch } });
    }
  }
  const fresh = after.conflicts.filter((path) => !before.conflicts.includes(path));
  if (after.operation !== undefined && fresh.length > 0) {
    changes.push({ kind: "git.conflicted", data: { operation: after.operation, paths: after.conflicts.slice(0, 1000) } });
  }
  return changes;
}

async function isRenamed(
  before: string | null,
  after: string | null,
  repository: Pick<Repository, "getBranch">,
): Promise<boolean> {
  if (before === null || after === null) return false;
  try {
    await repository.getBranch(before);
    return false;
  } catch {
    return true;
  }
}

/** The newest commit if it was made here and now on top of the old one, or in its stead. */
async function committed(
  before: string | undefined,
  after: string | undefined,
  repository: Pick<Repository, "getCommit">,
  now: number,
): Promise<Commit | undefined> {
  if (after === undefined || after === before) return undefined;
  const newest = await repository.getCommit(after);
  if (PULLED.test(newest.message)) return undefined;
  let commit = newest;
  for (let count = 0; count < MOST_COMMITS && isFresh(commit.authorDate, now); count += 1) {
    const [parent] = commit.parents;
    if (before === undefined ? parent === undefined : commit.parents.includes(before)) return newest;
    if (parent === undefined) break;
    commit = await repository.getCommit(parent);
  }
  return before !== undefined && (await isAmended(before, newest, repository, now)) ? newest : undefined;
}

/** An amended commit keeps its author's date. */
async function isAmended(
  before: string,
  newest: Commit,
  repository: Pick<Repository, "getCommit">,
  now: number,
): Promise<boolean> {
  if (!isFresh(newest.commitDate, now)) return false;
  const old = await repository.getCommit(before);
  const sameAuthorship = old.authorDate?.getTime() === newest.authorDate?.getTime();
  return sameAuthorship && old.parents.join() === newest.parents.join();
}

function isFresh(date: Date | undefined, now: number): boolean {
  return date !== undefined && Math.abs(now - date.getTime()) < FRESH;
}

/** What git has begun and not ended, by the marks it leaves in its folder. */
async function operationIn(root: string): Promise<string | undefined> {
  const folder = await gitFolder(root);
  for (const [mark, operation] of MARKS) {
    if (await stat(join(folder, mark)).catch(() => undefined)) return operation;
  }
  return undefined;
}

/** In a worktree or submodule, `.git` is a file that names the folder. */
async function gitFolder(root: string): Promise<string> {
  const path = join(root, ".git");
  const text = await readFile(path, "utf8").catch(() => "");
  const named = /^gitdir: (.+)$/m.exec(text)?.[1];
  return named === undefined ? path : resolve(root, named);
}
