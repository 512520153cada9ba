// A real repository, changed by git itself, as the built-in git extension sees it.

import * as assert from "node:assert";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import { git as source } from "../../src/sources/git";
import { changesBetween, type GitState } from "../../src/sources/gitChanges";
import type { Commit } from "../../src/sources/gitApi";
import { Recorder } from "./recorder";
import { git, makeFolder, remove, top, until, write } from "./support";

/** Milliseconds, well above those for which a repository has to rest before it is looked at. */
const REST = 2500;

interface Api {
  openRepository(root: vscode.Uri): Promise<{ status(): Promise<void>; state: { HEAD?: { commit?: string } } } | null>;
}

describe("git", () => {
  let folder: string;
  let recorder: Recorder;
  let status: () => Promise<void>;

  beforeEach(async () => {
    folder = makeFolder({ "a.txt": "one\n" });
    git(folder, "init", "--quiet", "--initial-branch=main");
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", "--message", "Start");
    const extension = vscode.extensions.getExtension<{ getAPI(version: 1): Api }>("vscode.git");
    assert.ok(extension);
    const api = (await extension.activate()).getAPI(1);
    const repository = await until(
      async () => (await api.openRepository(vscode.Uri.file(folder))) ?? undefined,
      "the repository",
    );
    status = () => repository.status(); // as its own watcher does some time later
    await status();
    await until(() => repository.state.HEAD?.commit !== undefined, "the head");
    recorder = new Recorder(source);
    for (let count = 0; !(await seen(`ready${count}`)); count += 1); // it has to have looked for the first time
    git(folder, "checkout", "--quiet", "main");
    await status();
    await recorder.first("git.switched", ({ data }) => data.branch === "main");
    recorder.reports.length = 0;
  });

  afterEach(() => {
    remove(folder);
    recorder.close();
  });

  function commit(name: string, text: string, ...words: string[]): string {
    write(join(folder, name), text);
    git(folder, "add", ".");
    git(folder, "commit", "--quiet", ...words);
    return git(folder, "rev-parse", "HEAD").trim();
  }

  /** Whether a switch is noticed within some time. */
  async function seen(branch: string): Promise<boolean> {
    git(folder, "checkout", "--quiet", "-b", branch);
    await status();
    const noticed = (): boolean => recorder.of("git.switched").some(({ data }) => data.branch === branch);
    return until(noticed, branch, 3000).catch(() => false);
  }

  it("tells of a commit, and of the one that mends it", async () => {
    const first = commit("a.txt", "two\n", "--message", "Add the mean\n\nWith much to say.");
    await status();
    const event = await recorder.first("git.committed");
    assert.deepStrictEqual(event, {
      kind: "git.committed",
      where: { workspace: top().uri.toString() },
      data: { commit: first, subject: "Add the mean", branch: "main" },
    });
    const second = commit("a.txt", "three\n", "--amend", "--message", "Add the median");
    await status();
    await recorder.first("git.committed", ({ data }) => data.commit === second);
    assert.deepStrictEqual(recorder.reports.length, 2);
  });

  it("tells of a switch, not of a branch's new name, a reset, or a commit seen before", async () => {
    git(folder, "checkout", "--quiet", "-b", "release");
    await status();
    const { data } = await recorder.first("git.switched");
    assert.deepStrictEqual(data, { branch: "release", previous: "main" });
    commit("a.txt", "two\n", "--message", "On release");
    await status();
    await recorder.first("git.committed");
    git(folder, "branch", "--move", "release", "stable");
    await status();
    await delay(REST);
    git(folder, "checkout", "--quiet", "main");
    await status();
    await recorder.first("git.switched", (event) => event.data.branch === "main");
    git(folder, "merge", "--quiet", "--ff-only", "stable");
    await status();
    await delay(REST);
    git(folder, "reset", "--quiet", "--hard", "HEAD~");
    await status();
    await delay(REST);
    git(folder, "checkout", "--quiet", "--detach");
    await status();
    await recorder.first("git.switched", (event) => event.data.branch === null);
    assert.deepStrictEqual(
      recorder.reports.map(({ kind, data: told }) => [kind, "branch" in told ? told.branch : undefined]),
      [
        ["git.switched", "release"],
        ["git.committed", "release"],
        ["git.switched", "main"],
        ["git.switched", null],
      ],
    );
  });

  it("tells of a merge's conflict, and of the merge once it is made", async () => {
    git(folder, "checkout", "--quiet", "-b", "other");
    commit("a.txt", "theirs\n", "--message", "Theirs");
    git(folder, "checkout", "--quiet", "main");
    commit("a.txt", "ours\n", "--message", "Ours");
    await status();
    await recorder.first("git.committed", ({ data }) => data.subject === "Ours");
    assert.throws(() => git(folder, "merge", "--quiet", "other"));
    await status();
    const { data } = await recorder.first("git.conflicted");
    assert.deepStrictEqual(data, { operation: "merge", paths: ["a.txt"] });
    commit("a.txt", "both\n", "--no-edit");
    await status();
    await recorder.first("git.committed", (event) => event.data.subject === "Merge branch 'other'");
  });

  it("tells of a rebase's conflict, not of what the rebase does on its way", async () => {
    git(folder, "checkout", "--quiet", "-b", "other");
    commit("a.txt", "theirs\n", "--message", "Theirs");
    git(folder, "checkout", "--quiet", "main");
    commit("a.txt", "ours\n", "--message", "Ours");
    await status();
    await recorder.first("git.committed", ({ data }) => data.subject === "Ours");
    assert.throws(() => git(folder, "rebase", "--quiet", "other"));
    await status();
    const { data } = await recorder.first("git.conflicted");
    assert.deepStrictEqual(data, { operation: "rebase", paths: ["a.txt"] });
    git(folder, "rebase", "--abort");
    await status();
    await delay(REST);
    assert.deepStrictEqual(recorder.of("git.switched"), []);
  });
});

describe("git's changes", () => {
  const NOW = Date.parse("2026-01-31T09:30:00Z");
  const none: GitState = { branch: "main", commit: "a", conflicts: [], operation: undefined };

  function repository(...commits: Partial<Commit>[]): Parameters<typeof changesBetween>[2] {
    return {
      getBranch: () => Promise.resolve({}),
      getCommit: (hash) => {
        const found = commits.find((one) => one.hash === hash);
        const made = new Date(NOW);
        return Promise.resolve({ hash, message: "", parents: [], authorDate: made, commitDate: made, ...found });
      },
    };
  }

  async function told(...commits: Partial<Commit>[]): Promise<unknown[]> {
    return changesBetween(none, { ...none, commit: "z" }, repository({ hash: "a", parents: ["0"] }, ...commits), NOW);
  }

  it("are one commit for several, the last", async () => {
    const changes = await told({ hash: "z", parents: ["y"], message: "Two" }, { hash: "y", parents: ["a"] });
    assert.deepStrictEqual(changes, [{ kind: "git.committed", data: { commit: "z", subject: "Two", branch: "main" } }]);
  });

  it("do not tell of what others made some time ago, nor of what a pull has merged", async () => {
    assert.deepStrictEqual(await told({ hash: "z", parents: ["a"], authorDate: new Date(NOW - 3_600_000) }), []);
    const message = "Merge branch 'main' of https://example.org/app";
    assert.deepStrictEqual(await told({ hash: "z", parents: ["a", "b"], message }), []);
    assert.deepStrictEqual(await told({ hash: "z", parents: ["b"] }, { hash: "b", parents: ["c"] }), []);
  });
});
