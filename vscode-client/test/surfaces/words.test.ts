// Text from files and terminals in the editor's own widgets, and the words of the status item.

import * as assert from "node:assert/strict";
import { holdingBack, present } from "../../src/surfaces/presentation";
import { isTypeable } from "../../src/surfaces/shellCommand";
import { clock, plain } from "../../src/surfaces/text";
import { model, NOW, status, suggestion } from "./support";

const RUNNING = { kind: "running", version: "0.1.0" } as const;

describe("Untrusted text", () => {
  it("becomes one line without control and direction characters", () => {
    assert.equal(plain("a\u001b[31m\nb\u202e c\u2028 d"), "a [31m b c d");
  });

  it("makes neither icons nor links", () => {
    assert.ok(!plain("$(trash) [x](command:y)").includes("$("));
    assert.ok(!plain("$(trash) [x](command:y)").includes("]("));
  });

  it("is cut between characters, never inside one", () => {
    assert.equal(plain("😀".repeat(5), 3), "😀😀…");
    assert.equal(plain("abc", 3), "abc");
  });

  it("is put at a prompt only if it is one plain line", () => {
    assert.ok(isTypeable("git checkout -- 'a b.py' && pytest -q"));
    for (const bad of ["a\nb", "a\rb", "a\u001b[A", "a\tb", "rm\u202e x", "a\u2028b", " ", "x".repeat(1001)]) {
      assert.ok(!isTypeable(bad), JSON.stringify(bad));
    }
  });
});

describe("The status item", () => {
  const label = (...given: Parameters<typeof present>): string => present(...given).label;

  it("says in words how it stands", () => {
    assert.equal(label(RUNNING, status(), NOW), "Proactive: watching");
    assert.equal(label(RUNNING, status({ state: "thinking" }), NOW), "Proactive: thinking");
    assert.equal(label(RUNNING, status({ state: "off", paused: true }), NOW), "Proactive: paused");
    assert.equal(label(RUNNING, undefined, NOW), "Proactive: starting");
    assert.match(label({ kind: "stopped" }, undefined, NOW), /offline/);
  });

  it("says until when it is snoozed, with the day if that is not today", () => {
    const until = (time: Date): string => present(RUNNING, status({ state: "snoozed", snoozedUntil: time.toISOString() }), NOW).text;
    const today = new Date(2026, 4, 5, 15, 30);
    const tomorrow = new Date(2026, 4, 6, 8, 0);
    assert.equal(until(today), `$(bell-slash) until ${clock(today, NOW)}`);
    assert.match(until(today), /30/);
    assert.match(until(tomorrow), /until \p{L}+/u);
    assert.doesNotMatch(until(today), /until \p{L}/u);
  });

  it("names what waits, newest first, and counts from two on", () => {
    const one = present(RUNNING, status({ state: "suggestion", suggestions: [suggestion("a")] }), NOW);
    assert.equal(one.text, "$(lightbulb) Suggestion");
    assert.match(one.label, /^Proactive: 1 suggestion waits: Title a \(.*stats\.py:12\)$/);
    const two = status({ state: "suggestion", suggestions: [suggestion("a"), suggestion("b")] });
    assert.equal(present(RUNNING, two, NOW).text, "$(lightbulb) 2 suggestions");
    assert.match(present(RUNNING, two, NOW).tooltip, /^Title b .*\nTitle a /);
  });

  it("shows a title as it is, whatever is in it", () => {
    const evil = suggestion("a", { title: "$(trash)\nx [y](command:z)" });
    const { text, label: spoken, tooltip } = present(RUNNING, status({ state: "suggestion", suggestions: [evil] }), NOW);
    assert.equal(text, "$(lightbulb) Suggestion");
    assert.equal(tooltip.split("\n").length, 1);
    assert.ok(!spoken.includes("$("));
  });

  it("tells of quiet in one file while it watches the others", () => {
    const snoozes = [{ scope: "file", until: NOW.toISOString(), uri: "file:///home/ada/app/stats.py" }] as const;
    assert.match(present(RUNNING, status({ snoozes }), NOW).tooltip, /Quiet in .*stats\.py until/);
    assert.match(holdingBack(status({ snoozes }), NOW), /^Quiet in .*stats\.py until/);
    assert.match(holdingBack(status({ state: "off", paused: true }), NOW), /paused/);
    assert.equal(holdingBack(status(), NOW), "");
  });

  it("tells of the language model where one is named, and quietly of one that is away", () => {
    const lines = (...more: Parameters<typeof model>): string[] =>
      present(RUNNING, status({ model: model(...more) }), NOW).tooltip.split("\n");
    const ready = present(RUNNING, status({ model: model() }), NOW);
    assert.equal(ready.text, "$(eye)");
    assert.equal(ready.label, "Proactive: watching");
    assert.deepEqual(lines()[1], "Language model qwen@localhost: ready, 3 of 120 calls this hour");
    assert.match(lines({ state: "writing" })[1]!, /: writing, 3 of 120/);
    assert.match(lines({ state: "spent", problem: "all calls are used" })[1]!, /: spent for now \(all calls are used\)$/);
    const offline = model({ state: "offline", problem: "[x](command:y) does\nnot answer" });
    const away = present(RUNNING, status({ model: offline }), NOW);
    assert.equal(away.background, undefined);
    assert.equal(away.text, "$(eye)$(debug-disconnect)");
    assert.equal(away.label, "Proactive: watching; language model offline");
    assert.match(away.tooltip.split("\n")[1]!, /^Language model qwen@localhost: offline \(.*does not answer\)$/);
    assert.ok(!away.tooltip.includes("]("));
    const state = { state: "suggestion", suggestions: [suggestion("a")], model: offline } as const;
    assert.equal(present(RUNNING, status(state), NOW).text, "$(lightbulb) Suggestion");
  });

  it("has a colour only for an error, and says the next step without a server", () => {
    const failed = present({ kind: "failed", problem: "It does not start." }, undefined, NOW);
    assert.equal(failed.background, "statusBarItem.errorBackground");
    assert.match(failed.label, /error\. It does not start\. Press to restart/);
    const missing = present({ kind: "missing", problem: "None yet." }, undefined, NOW);
    assert.equal(missing.background, undefined);
    assert.match(missing.label, /offline\. None yet\. Press to set the server up/);
  });
});
