// The menu, and the ways to have quiet: what is offered when.

import * as assert from "node:assert/strict";
import { contextKeys } from "../../src/surfaces/contextKeys";
import { answers, menu } from "../../src/surfaces/menu";
import { minutesUntilMorning, snoozeChoices } from "../../src/surfaces/snooze";
import type { Health } from "../../src/connection";
import type { Status } from "../../src/protocol";
import { model, NOW, status, suggestion } from "./support";

const RUNNING: Health = { kind: "running", version: "0.1.0" };

function offered(health: Health, now: Status | undefined, canPause = true): (string | undefined)[] {
  const groups = menu(health, now, { now: NOW, canPause });
  return groups.flatMap(({ entries }) => entries.map((entry) => entry.command?.replace("proactive.", "") ?? entry.label));
}

describe("The menu", () => {
  it("offers quiet and a look back while nothing waits", () => {
    const rows = offered(RUNNING, status());
    assert.deepEqual(rows, ["snoozeAll", "snoozeFor", "pauseWorkspace", "showTimeline", "languageModel", "openSettings", "showLog"]);
  });

  it("says how it stands with the language model, or that none is named", () => {
    const said = (now: Status): string | undefined =>
      menu(RUNNING, now, { now: NOW, canPause: true })
        .flatMap(({ entries }) => entries)
        .find(({ command }) => command === "proactive.languageModel")?.description;
    assert.equal(said(status()), "none is named");
    assert.equal(said(status({ model: model() })), "qwen@localhost: ready, 3 of 120 calls this hour");
    assert.equal(said(status({ model: model({ state: "offline", problem: "It is busy" }) })), "qwen@localhost: offline");
  });

  it("begins with the answers to the one suggestion that waits", () => {
    const rows = offered(RUNNING, status({ state: "suggestion", suggestions: [suggestion("a")] }));
    assert.deepEqual(rows.slice(0, 4), ["acceptSuggestion", "goToSuggestion", "dismissSuggestion", "whyNow"]);
  });

  it("lists several, newest first", () => {
    const rows = offered(RUNNING, status({ state: "suggestion", suggestions: [suggestion("a"), suggestion("b")] }));
    assert.deepEqual(rows.slice(0, 2), ["Title b", "Title a"]);
  });

  it("offers the end of a snooze, and no second one of everything", () => {
    const until = NOW.toISOString();
    const rows = offered(RUNNING, status({ state: "snoozed", snoozedUntil: until, snoozes: [{ scope: "all", until }] }));
    assert.ok(rows.includes("wake"));
    assert.ok(!rows.includes("snoozeAll"));
  });

  it("offers to resume when paused, and nothing to pause without a workspace that counts", () => {
    assert.ok(offered(RUNNING, status({ state: "off", paused: true })).includes("resumeWorkspace"));
    assert.ok(!offered(RUNNING, status({ state: "off", paused: true })).includes("snoozeAll"));
    assert.ok(!offered(RUNNING, status(), false).includes("pauseWorkspace"));
  });

  it("offers the way out when there is no server", () => {
    assert.equal(offered({ kind: "missing", problem: "" }, undefined)[0], "setUpServer");
    assert.equal(offered({ kind: "failed", problem: "" }, undefined)[0], "restartServer");
    assert.equal(offered({ kind: "stopped" }, undefined)[0], "restartServer");
    assert.ok(!offered({ kind: "stopped" }, undefined).includes("snoozeAll"));
  });

  it("says what accepting does", () => {
    const label = (more: Parameters<typeof suggestion>[1]): string => answers(suggestion("a", more))[0]!.label;
    assert.equal(label({}), "Accept");
    assert.equal(label({ hasEdit: false }), "Accept and Go There");
    assert.equal(label({ hasEdit: false, command: "make" }), "Show the Command");
  });
});

describe("Snoozing", () => {
  it("lasts until eight the next morning, or this morning for whoever is up at night", () => {
    assert.equal(minutesUntilMorning(NOW), (24 + 8 - 14) * 60 - 30);
    assert.equal(minutesUntilMorning(new Date(2026, 4, 6, 2, 0)), 6 * 60);
    assert.equal(minutesUntilMorning(new Date(2026, 4, 6, 7, 0)), 25 * 60);
  });

  it("of a file and of the workspace is offered where there is one", () => {
    assert.deepEqual(snoozeChoices(NOW, undefined, []).map((one) => one.scope), ["all", "all", "all"]);
    const all = snoozeChoices(NOW, "file:///a/b.py", ["file:///a", "file:///c"]);
    assert.deepEqual(all.at(-2)?.uris, ["file:///a/b.py"]);
    assert.deepEqual(all.at(-1)?.uris, ["file:///a", "file:///c"]);
  });
});

describe("Context keys", () => {
  it("follow the status, also of a server that tells less", () => {
    const keys = (now: Status | undefined): boolean[] => Object.values(contextKeys(now));
    assert.deepEqual(keys(undefined), [false, false, false]);
    assert.deepEqual(keys(status({ state: "suggestion", suggestions: [suggestion("a")] })), [true, false, false]);
    assert.deepEqual(keys({ state: "snoozed", suggestions: [], counts: {}, snoozedUntil: "2026-05-05T15:30:00Z" }), [false, true, false]);
    assert.deepEqual(keys({ state: "off", suggestions: [], counts: {} }), [false, false, true]);
  });
});
