// What the tests of the sources have in common: waiting, folders of their own, programs, terminals.

import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";

/** Ample: a condition that holds ends the wait. */
const PATIENCE = 30_000;

/** Waits until there is a value; a test's own limit of time is above that. */
export async function until<T>(
  look: () => T | undefined | false | Promise<T | undefined | false>,
  what: string,
  milliseconds = PATIENCE,
): Promise<T> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== false) return found;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await delay(25);
  }
}

/** The workspace's folder. */
export function top(): vscode.WorkspaceFolder {
  const [folder] = vscode.workspace.workspaceFolders ?? [];
  if (folder === undefined) throw new Error("the tests need a window with a folder");
  return folder;
}

/** A new folder in the workspace, with files in it. */
export function makeFolder(files: Readonly<Record<string, string>> = {}): string {
  const folder = mkdtempSync(join(top().uri.fsPath, "sources-"));
  for (const [name, text] of Object.entries(files)) write(join(folder, name), text);
  return folder;
}

/**
 * Makes a folder in one that is watched, and waits until it is watched, too. A folder that is made and filled at once
 * may stay out of the sight of VS Code's file watcher; such a one is made anew.
 */
export async function makeWatched(folder: string): Promise<string> {
  const watcher = vscode.workspace.createFileSystemWatcher("**/seen-*");
  let isSeen = false;
  watcher.onDidCreate(({ fsPath }) => {
    isSeen ||= dirname(fsPath) === folder;
  });
  try {
    await until(async () => {
      remove(folder);
      mkdirSync(folder);
      for (let count = 0; count < 10 && !isSeen; count += 1) {
        write(join(folder, `seen-${count}`), "");
        await delay(300);
        remove(join(folder, `seen-${count}`));
      }
      return isSeen;
    }, `${folder} to be watched`);
  } finally {
    watcher.dispose();
  }
  return folder;
}

export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

export function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}

export async function open(file: string): Promise<vscode.TextEditor> {
  return vscode.window.showTextDocument(vscode.Uri.file(file));
}

export async function closeEditors(): Promise<void> {
  await vscode.commands.executeCommand("workbench.action.revertAndCloseActiveEditor");
  await vscode.commands.executeCommand("workbench.action.closeAllEditors");
}

/** Run git in a folder as somebody. */
export function git(folder: string, ...words: string[]): string {
  const who = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
  return execFileSync("git", [...who, ...words], { cwd: folder, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
}

/** The Python of the environment that the server is in; pytest is there, too. */
export function python(): string {
  const [server] = vscode.workspace.getConfiguration("proactive").get<string[]>("server.command", []);
  return server === undefined ? "python3" : join(dirname(server), "python");
}

/** Run pytest out of sight of the editor, with its cache on; returns its exit code. */
export async function pytest(folder: string, ...words: string[]): Promise<number | null> {
  const child = spawn(python(), ["-m", "pytest", "-q", ...words], {
    cwd: folder,
    env: { ...process.env, PYTEST_ADDOPTS: "", PYTEST_DISABLE_PLUGIN_AUTOLOAD: "1", PYTHONDONTWRITEBYTECODE: "1" },
    stdio: "ignore",
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", resolve);
  });
}

/** A terminal with bash in which the shell integration is ready; the shell itself is named, whatever the user's is. */
export async function makeTerminal(cwd: string): Promise<{ terminal: vscode.Terminal; run: (command: string) => void }> {
  const terminal = vscode.window.createTerminal({ cwd, shellPath: "/bin/bash" });
  terminal.show(true);
  const shell = await until(
    () => (terminal.shellIntegration?.cwd === undefined ? undefined : terminal.shellIntegration),
    "shell integration",
  );
  return {
    terminal,
    run: (command) => {
      shell.executeCommand(command);
    },
  };
}
