// Commands in a real bash with VS Code's own shell integration.

import * as assert from "node:assert";
import { join } from "node:path";
import { chmodSync } from "node:fs";
import * as vscode from "vscode";
import { terminal as source, isWrapped } from "../../src/sources/terminal";
import { withoutPrompt } from "../../src/sources/shellRuns";
import { Tail } from "../../src/sources/tail";
import { Recorder } from "./recorder";
import { makeFolder, makeTerminal, remove, top } from "./support";

const FAILING = `import time, unittest


class Sizes(unittest.TestCase):
    def test_total(self):
        time.sleep(0.3)
        self.assertEqual(1 + 1, 3)
`;

describe("terminal", () => {
  let folder: string;
  let recorder: Recorder;
  let terminal: vscode.Terminal;
  let run: (command: string) => void;

  beforeEach(async () => {
    folder = makeFolder({ "test_sizes.py": FAILING, proactive: "#!/bin/sh\nsleep 0.3\n" });
    chmodSync(join(folder, "proactive"), 0o755);
    recorder = new Recorder(source);
    ({ terminal, run } = await makeTerminal(folder));
  });

  afterEach(() => {
    terminal.dispose();
    remove(folder);
    recorder.close();
  });

  it("tells of a failing test run with exit code, folder, seconds and output", async () => {
    run("python3 -m unittest test_sizes");
    const { data, where } = await recorder.first("terminal.run");
    assert.strictEqual(data.command, "python3 -m unittest test_sizes");
    assert.strictEqual(data.exit_code, 1);
    assert.strictEqual(data.cwd, folder);
    assert.strictEqual(where?.workspace, top().uri.toString());
    assert.ok(data.seconds !== null && data.seconds >= 0.3 && data.seconds < 60, `${data.seconds ?? "no"} s`);
    assert.match(data.output, /AssertionError: 2 != 3/);
    assert.match(data.output, /FAILED \(failures=1\)/);
  });

  it("keeps the end of a long output", async () => {
    run(`python3 -c "import time; time.sleep(0.3); print('x' * 300000); print('the end'); time.sleep(0.3)"`);
    const { data } = await recorder.first("terminal.run");
    assert.strictEqual(data.exit_code, 0);
    assert.strictEqual(data.output.length, 65_536);
    assert.match(data.output.slice(-40), /the end/);
  });

  it("tells of commands that are over at once, with output or without", async () => {
    run("bash -c 'exit 7'");
    const { data } = await recorder.first("terminal.run");
    assert.strictEqual(data.exit_code, 7);
  });

  it("leaves out what `proactive exec` reports itself", async () => {
    run("FOO=1 ./proactive exec -- sleep 1");
    run("sleep 0.3");
    const { data } = await recorder.first("terminal.run");
    assert.strictEqual(data.command, "sleep 0.3");
    assert.strictEqual(recorder.reports.length, 1);
  });

  it("tells of a command whose terminal was closed, without exit code and output", async () => {
    const started = new Promise((resolve) => {
      const listening = vscode.window.onDidStartTerminalShellExecution((event) => {
        if (event.terminal !== terminal) return;
        listening.dispose();
        resolve(undefined);
      });
    });
    run("echo failed; sleep 600");
    await started;
    terminal.dispose();
    const { data } = await recorder.first("terminal.run");
    assert.match(data.command, /sleep 600/);
    assert.strictEqual(data.exit_code, null);
    assert.strictEqual(data.output, "");
  });

  it("tells nothing once it is switched off", async () => {
    const other = new Recorder(source);
    run("sleep 0.5");
    other.close();
    await recorder.first("terminal.run");
    assert.deepStrictEqual(other.reports, []);
  });
});

describe("a command run through `proactive exec`", () => {
  for (const command of [
    "proactive exec -- pytest",
    "proactive exec pytest -q",
    "/opt/venv/bin/proactive exec -- make",
    "FOO=1 BAR='a b' proactive exec -- make",
    "env FOO=1 .venv/bin/proactive exec make",
    '"/home/ada/my env/bin/proactive" exec -- make',
    "uv run proactive exec -- pytest",
    "time proactive exec -- pytest",
    "& .venv\\Scripts\\proactive.exe exec pytest",
  ]) {
    it(`is ${command}`, () => {
      assert.strictEqual(isWrapped(command), true);
    });
  }
  for (const command of ["pytest", "proactive events list", "echo proactive exec", "unproactive exec", "proactive execute"]) {
    it(`is not ${command}`, () => {
      assert.strictEqual(isWrapped(command), false);
    });
  }
});

describe("a tail", () => {
  it("is the end of all that was pushed, whatever the pieces", () => {
    for (const size of [1, 3, 10, 25, 1000]) {
      const tail = new Tail(10);
      const text = Array.from({ length: 1000 }, (_, index) => String(index % 10)).join("");
      for (let start = 0; start < text.length; start += size) tail.push(text.slice(start, start + size));
      assert.strictEqual(tail.text, text.slice(-10));
    }
  });

  it("of little is all of it", () => {
    const tail = new Tail(10);
    tail.push("abc");
    assert.strictEqual(tail.text, "abc");
  });
});

describe("a line as the screen shows it", () => {
  for (const line of ["$ pytest -q", "ada@host:~/app$ pytest -q", "root@host:/# pytest -q", "❯ pytest -q", "pytest -q"]) {
    it(`is known without its prompt: ${line}`, () => {
      assert.strictEqual(withoutPrompt(line), "pytest -q");
    });
  }
  for (const line of ["echo $ HOME", "make -j 4 # all", "'a b'$ c"]) {
    it(`is left as it is: ${line}`, () => {
      assert.strictEqual(withoutPrompt(line), line);
    });
  }
});
