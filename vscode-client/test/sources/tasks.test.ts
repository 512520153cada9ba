// Real tasks, in the terminals that VS Code opens for them.

import * as assert from "node:assert";
import { join } from "node:path";
import * as vscode from "vscode";
import { tasks } from "../../src/sources/tasks";
import { terminal } from "../../src/sources/terminal";
import { Recorder } from "./recorder";
import { makeFolder, makeTerminal, remove, top } from "./support";

describe("tasks", () => {
  let folder: string;
  let recorder: Recorder;

  beforeEach(() => {
    folder = makeFolder();
    recorder = new Recorder(tasks, terminal);
  });

  afterEach(() => {
    for (const one of vscode.window.terminals) one.dispose();
    remove(folder);
    recorder.close();
  });

  function shell(name: string, command: string, options?: vscode.ShellExecutionOptions): vscode.Task {
    const execution = new vscode.ShellExecution(command, { executable: "/bin/bash", shellArgs: ["-c"], ...options });
    return new vscode.Task({ type: "probe", word: name }, top(), name, "probe", execution);
  }

  it("are told with name, exit code, seconds, folder and output", async () => {
    await vscode.tasks.executeTask(shell("build", "sleep 0.3; echo sizes.c:3: error; sleep 0.2; exit 2", { cwd: folder }));
    const { data, where } = await recorder.first("task.run");
    assert.strictEqual(data.name, "probe: build");
    assert.strictEqual(data.kind, "task");
    assert.strictEqual(data.exit_code, 2);
    assert.strictEqual(data.cwd, folder);
    assert.strictEqual(where?.workspace, top().uri.toString());
    assert.ok(data.seconds !== null && data.seconds >= 0.2);
    assert.match(data.output, /sizes\.c:3: error/);
  });

  it("that share a terminal each have their own output, and none is told of as a command as well", async () => {
    for (const word of ["one", "two", "three"]) {
      await vscode.tasks.executeTask(shell(word, `sleep 0.3; echo printed ${word}; sleep 0.2`));
      await recorder.first("task.run", ({ data }) => data.name === `probe: ${word}`);
    }
    const all = recorder.of("task.run").map(({ data }) => [...data.output.matchAll(/printed (\w+)\r?\n/g)].map(String));
    assert.deepStrictEqual(
      all.map((lines) => lines.map((line) => line.split(",")[1])),
      [["one"], ["two"], ["three"]],
    );
    const typed = await makeTerminal(folder);
    typed.run("sleep 0.3");
    await recorder.first("terminal.run");
    assert.deepStrictEqual(recorder.of("terminal.run").map(({ data }) => data.command), ["sleep 0.3"]);
  });

  it("that run at once are not taken for each other", async () => {
    const words = ["one", "two", "three"];
    await Promise.all(
      words.map((word) => vscode.tasks.executeTask(shell(word, `sleep 0.5; echo printed ${word}; sleep 0.3`))),
    );
    for (const word of words) {
      const { data } = await recorder.first("task.run", (event) => event.data.name === `probe: ${word}`);
      for (const other of words) {
        if (other !== word) assert.doesNotMatch(data.output, new RegExp(`printed ${other}\r?\n`));
      }
    }
    assert.deepStrictEqual(recorder.of("terminal.run"), []);
  });

  it("of the test group are tests; a process is a task, too", async () => {
    const execution = new vscode.ProcessExecution("/bin/sh", ["-c", "sleep 0.3; exit 1"], {
      cwd: join("${workspaceFolder}", folder.slice(top().uri.fsPath.length + 1)),
    });
    const task = new vscode.Task({ type: "probe" }, top(), "check", "Workspace", execution);
    task.group = vscode.TaskGroup.Test;
    await vscode.tasks.executeTask(task);
    const { data } = await recorder.first("task.run");
    assert.deepStrictEqual(
      { name: data.name, kind: data.kind, exit_code: data.exit_code, cwd: data.cwd },
      { name: "check", kind: "test", exit_code: 1, cwd: folder },
    );
  });
});
