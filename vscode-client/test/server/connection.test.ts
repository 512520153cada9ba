// The real server behind the real extension: started, restarted once, brought back after a crash, given up after many.

import * as assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import * as vscode from "vscode";
import type { Connection, Health } from "../../src/connection";
import { ServerCommand, type Status } from "../../src/protocol";
import { CRASHES } from "../../src/server/crashes";
import { DOCUMENTS } from "../../src/server/session";
import { until } from "./support";

const ID = "proactive-lsp.proactive-lsp";

/** The servers that this extension host has started; Linux alone. */
function servers(): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => {
      try {
        const parent = Number(/^PPid:\t(\d+)$/m.exec(readFileSync(`/proc/${name}/status`, "utf-8"))?.[1]);
        return parent === process.pid && readFileSync(`/proc/${name}/cmdline`, "utf-8").replaceAll("\0", " ").trim().endsWith(" serve");
      } catch {
        return false;
      }
    })
    .map(Number);
}

describe("The connection to the server", () => {
  let connection: Connection;
  const isRunning = (): boolean => connection.health.kind === "running" && connection.status !== undefined;

  before(async () => {
    const extension = vscode.extensions.getExtension<Connection>(ID);
    connection = await extension!.activate();
  });

  beforeEach(async () => {
    await until(isRunning, "the server");
  });

  it("tells the version, a status, and the timeline", async () => {
    assert.ok(connection.health.kind === "running");
    assert.match(connection.health.version, /^\d+\.\d+/);
    const status = (await connection.execute(ServerCommand.status)) as Status;
    assert.equal(status.state, connection.status?.state);
    assert.ok(Array.isArray((await connection.timeline(5))?.events));
    assert.equal(servers().length, 1);
  });

  it("makes one restart of many in quick succession", async () => {
    const [before] = servers();
    const health: string[] = [];
    const listener = connection.onDidChangeHealth(({ kind }) => health.push(kind));
    await Promise.all(Array.from({ length: 5 }, (_, number) => connection.restart(`reason ${number}`)));
    listener.dispose();
    assert.deepEqual(health, ["starting", "running"]);
    const after = servers();
    assert.equal(after.length, 1);
    assert.notEqual(after[0], before);
  });

  it("restarts when the setting of the program changes, and says clearly when that leads nowhere", async () => {
    const section = vscode.workspace.getConfiguration("proactive");
    const command = section.get<string[]>("server.command");
    await section.update("server.command", ["/nonexistent/proactive", "serve"], vscode.ConfigurationTarget.Global);
    await until(() => connection.health.kind === "failed", "a failure");
    assert.ok(connection.health.kind === "failed");
    assert.match(connection.health.problem, /names '\/nonexistent\/proactive'/);
    assert.equal(connection.status, undefined);
    assert.equal(await connection.execute(ServerCommand.status), undefined);
    await until(() => servers().length === 0, "the server's end");
    await section.update("server.command", command, vscode.ConfigurationTarget.Global);
    await until(isRunning, "the server");
  });

  it("tells what a program that is no server said last", async () => {
    const section = vscode.workspace.getConfiguration("proactive");
    const command = section.get<string[]>("server.command");
    const wrong = ["/bin/sh", "-c", "echo 'cannot do that' >&2; exit 7"];
    await section.update("server.command", wrong, vscode.ConfigurationTarget.Global);
    await until(() => connection.health.kind === "failed", "a failure");
    assert.ok(connection.health.kind === "failed");
    assert.match(connection.health.problem, /did not start: it ended with code 7 \(cannot do that\)/);
    await section.update("server.command", command, vscode.ConfigurationTarget.Global);
    await until(isRunning, "the server");
  });

  it("brings the server back after a crash, without a status meanwhile, and gives up after many", async function () {
    this.timeout(180_000);
    await connection.restart("a fresh count");
    await until(isRunning, "the server");
    const seen: (Status | undefined)[] = [];
    const listener = connection.onDidChangeStatus((status) => seen.push(status));
    for (let number = 1; number < CRASHES; number++) {
      const [pid] = servers();
      assert.ok(pid);
      process.kill(pid, "SIGKILL");
      await until(() => isRunning() && !servers().includes(pid) && servers().length === 1, "a new server", 60);
    }
    assert.ok(seen.includes(undefined));
    listener.dispose();
    process.kill(servers()[0]!, "SIGKILL");
    const health = (): Health => connection.health;
    await until(() => health().kind === "failed", "giving up");
    const last = health();
    assert.ok(last.kind === "failed");
    assert.match(last.problem, /ended unexpectedly 4 times in 3 minutes/);
    assert.equal(connection.status, undefined);
    await connection.restart("the user asks for it");
    await until(isRunning, "the server");
  });
});

describe("The documents that are sent", () => {
  const matches = (document: vscode.TextDocument): boolean => vscode.languages.match(DOCUMENTS, document) > 0;

  it("are files and new documents", async () => {
    const [folder] = vscode.workspace.workspaceFolders ?? [];
    const [file] = await vscode.workspace.findFiles(new vscode.RelativePattern(folder!, "*.py"), undefined, 1);
    assert.ok(matches(await vscode.workspace.openTextDocument(file!)));
    assert.ok(matches(await vscode.workspace.openTextDocument({ content: "new", language: "markdown" })));
  });

  it("are not a notebook's cells, nor what other extensions show", async () => {
    const cell = new vscode.NotebookCellData(vscode.NotebookCellKind.Code, "x = 1", "python");
    const notebook = await vscode.workspace.openNotebookDocument("jupyter-notebook", new vscode.NotebookData([cell]));
    assert.equal(notebook.cellAt(0).document.uri.scheme, "vscode-notebook-cell");
    assert.ok(!matches(notebook.cellAt(0).document));
    const provider = { provideTextDocumentContent: () => "as it was in the last commit" };
    const subscription = vscode.workspace.registerTextDocumentContentProvider("proactive-test", provider);
    assert.ok(!matches(await vscode.workspace.openTextDocument(vscode.Uri.parse("proactive-test:/sizes.py"))));
    subscription.dispose();
  });
});
