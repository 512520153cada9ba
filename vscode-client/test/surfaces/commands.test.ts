// The commands: which suggestion they are about, and what they ask of the server.

import * as assert from "node:assert/strict";
import * as vscode from "vscode";
import type { Status } from "../../src/protocol";
import { because } from "../../src/surfaces/answer";
import { meant } from "../../src/surfaces/choice";
import { commands } from "../../src/surfaces/commands";
import { greeting } from "../../src/surfaces/welcome";
import { MemoryConnection, status, suggestion } from "./support";

const HERE = "file:///home/ada/app/stats.py";

describe("The suggestion that is meant", () => {
  const far = suggestion("far", { line: 90 });
  const near = suggestion("near", { line: 10 });
  const newest = suggestion("newest", { uri: "file:///home/ada/app/other.py" });

  it("is the nearest to the caret in its file, else the newest", () => {
    assert.equal(meant([far, near, newest], { uri: HERE, line: 30 }), near);
    assert.equal(meant([far, near, newest], { uri: HERE, line: 80 }), far);
    assert.equal(meant([far, near, newest], { uri: "file:///elsewhere.py", line: 0 }), newest);
    assert.equal(meant([far, near, newest], undefined), newest);
    assert.equal(meant([], undefined), undefined);
  });

  it("is found however its URI is written", () => {
    const spaced = suggestion("a", { uri: "file:///home/ada/my%20app/%C3%A4.py" });
    assert.equal(meant([spaced, newest], { uri: "file:///home/ada/my app/ä.py", line: 0 }), spaced);
  });
});

describe("The commands", () => {
  const run = async (now: Status, name: string, id?: string): Promise<MemoryConnection> => {
    const connection = new MemoryConnection(now);
    await commands(connection)[`proactive.${name}`]!(id);
    return connection;
  };
  const waiting = status({ state: "suggestion", suggestions: [suggestion("a"), suggestion("b", { hasEdit: false })] });

  it("accept by applying the edit, or by going there", async () => {
    assert.deepEqual((await run(waiting, "acceptSuggestion", "a")).asked, [["proactive.apply", { id: "a" }]]);
    assert.deepEqual((await run(waiting, "acceptSuggestion", "b")).asked, [["proactive.goto", { id: "b" }]]);
  });

  it("are about the newest where no caret is near one, and about none that has gone", async () => {
    await vscode.commands.executeCommand("workbench.action.closeAllEditors");
    assert.deepEqual((await run(waiting, "dismissSuggestion")).asked, [["proactive.dismiss", { id: "b" }]]);
    assert.deepEqual((await run(waiting, "dismissSuggestion", "gone")).asked, []);
  });

  it("snooze everything for an hour", async () => {
    assert.deepEqual((await run(waiting, "snoozeAll")).asked, [["proactive.snooze", { scope: "all", minutes: 60 }]]);
  });

  it("end every snooze that stands, each with its own reach", async () => {
    const until = "2026-05-05T15:30:00Z";
    const snoozed = status({ snoozes: [{ scope: "all", until }, { scope: "file", until, uri: HERE }] });
    assert.deepEqual((await run(snoozed, "wake")).asked, [
      ["proactive.snooze", { scope: "all", minutes: 0 }],
      ["proactive.snooze", { scope: "file", minutes: 0, uri: HERE }],
    ]);
  });

  it("ask the server why there was no suggestion", async () => {
    assert.deepEqual((await run(status(), "whyNow")).asked, [["proactive.why", {}]]);
  });
});

describe("Why now", () => {
  it("tells what led to it and how sure it was, a line each, as plain text", () => {
    const evil = suggestion("a", { because: ["The user ran '[x](command:y)'.", "It failed."], need: 0.814 });
    const text = because(evil, { time: "", boundary: "run_failed", ms: 1, threshold: 0.25 });
    assert.match(text, /• It failed\.\n/);
    assert.match(text, /81 %; it speaks above 25 %\.$/);
    assert.ok(!text.includes("]("));
  });
});

describe("The greeting", () => {
  const first = { greeted: false, automated: false, openTabs: 0, startupEditor: "welcomePage" };

  it("opens the walkthrough once, and not over what somebody works on", () => {
    assert.equal(greeting(first), "walkthrough");
    assert.equal(greeting({ ...first, openTabs: 1 }), "line");
    assert.equal(greeting({ ...first, startupEditor: "none" }), "line");
    assert.equal(greeting({ ...first, greeted: true }), "nothing");
    assert.equal(greeting({ ...first, automated: true }), "nothing");
  });
});
