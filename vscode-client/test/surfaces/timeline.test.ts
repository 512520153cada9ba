// The timeline: its rows, its chart, and when it looks again.

import * as assert from "node:assert/strict";
import type { Decision, Timeline } from "../../src/protocol";
import { Follower } from "../../src/surfaces/follower";
import { showing, spotOf } from "../../src/surfaces/timelineRows";
import { offline } from "../../src/surfaces/timelineView";
import { suggestion } from "./support";

const at = (second: number): string => `2026-05-05T14:30:${String(second).padStart(2, "0")}.000000Z`;

function silent(second: number, more: Partial<Decision> = {}): Decision {
  return { time: at(second), boundary: "quiet", ms: 1, reason: "no_need", text: "Help did not seem wanted.", ...more };
}

function spoke(second: number, id: string, fate?: string): Decision {
  const { title, task, play, uri, line, because } = suggestion(id);
  const told = { id, title, task, play, uri, line, because, ...(fate === undefined ? {} : { fate }) };
  return { time: at(second), boundary: "run_failed", ms: 2, need: 0.8, threshold: 0.25, suggestion: told };
}

const event = (second: number, kind: string, sentence: string): Timeline["events"][number] => ({
  time: at(second),
  kind,
  source: "lsp",
  sentence,
});

const timeline = (events: Timeline["events"], decisions: readonly Decision[]): Timeline => ({ events, decisions, counts: {} });

describe("The timeline's rows", () => {
  it("stand newest first, a decision above the event that led to it, an offer told once", () => {
    const seen = timeline(
      [event(1, "document.saved", "Saved."), event(2, "terminal.run", "Ran."), event(2, "suggestion.shown", "Offered.")],
      [silent(1), spoke(2, "a")],
    );
    const { rows } = showing(seen, [suggestion("a")]);
    assert.deepEqual(
      rows.map((row) => row.text),
      ["Title a", "Ran.", "Help did not seem wanted.", "Saved."],
    );
  });

  it("tell a suggestion's fate; that it waits only while it does", () => {
    const seen = timeline([], [spoke(1, "a", "dismissed"), spoke(2, "b"), spoke(3, "c")]);
    const rows = showing(seen, [suggestion("c")]).rows;
    assert.deepEqual(
      rows.map(({ fate, waits }) => [fate, waits]),
      [["waiting", "c"], [undefined, undefined], ["dismissed", undefined]],
    );
  });

  it("join equal silences in a row under a name that stays", () => {
    const two = showing(timeline([], [silent(1), silent(2)]), []).rows;
    const three = showing(timeline([], [silent(1), silent(2), silent(3)]), []).rows;
    assert.deepEqual([two.length, two[0]!.times, three[0]!.times], [1, 2, 3]);
    assert.equal(two[0]!.key, three[0]!.key);
    assert.equal(three[0]!.time, at(3));
  });

  it("name a silence also where the server has no sentence for it", () => {
    const { time, boundary, ms } = silent(1);
    const bare = { time, boundary, ms, reason: "backing_off", detail: "for 3 min" };
    assert.equal(showing(timeline([], [bare]), []).rows[0]!.text, "backing off: for 3 min");
  });

  it("have names of their own at one and the same moment, and lead to their places", () => {
    const seen = timeline([event(1, "document.saved", "A."), event(1, "document.saved", "B.")], [silent(1), spoke(1, "a")]);
    const { rows } = showing(seen, []);
    assert.equal(new Set(rows.map((row) => row.key)).size, rows.length);
    const row = rows.find(({ kind }) => kind === "suggestion");
    assert.equal(spotOf(seen, row!.key)?.line, 11);
    assert.equal(spotOf(seen, rows.find(({ kind }) => kind === "event")!.key), undefined);
  });

  it("lead to where an event was, and name its line where it has one", () => {
    const opened = { ...event(1, "document.opened", "Opened."), uri: "file:///w/a.py" };
    const appeared = { ...event(2, "diagnostic.appeared", "Appeared."), uri: "file:///w/a.py", line: 6 };
    const shown = event(2, "suggestion.shown", "Offered.");
    const seen = timeline([shown, opened, appeared], []);
    const { rows } = showing(seen, []);
    assert.deepEqual(
      rows.map((row) => spotOf(seen, row.key)?.line),
      [6, 0],
    );
    assert.match(rows[0]!.place ?? "", /a\.py:7$/);
    assert.equal(rows[1]!.place, undefined);
  });

  it("stand in the server's own order at one and the same moment", () => {
    const seen = timeline([{ ...event(1, "document.saved", "Later."), order: 2 }], [{ ...silent(1), order: 1 }]);
    assert.deepEqual(
      showing(seen, []).rows.map((row) => row.text),
      ["Later.", "Help did not seem wanted."],
    );
  });
});

describe("The timeline's chart", () => {
  it("is told in words, too", () => {
    const decisions = [silent(1, { need: 0.1, threshold: 0.25 }), silent(2), spoke(3, "a")];
    const { chart } = showing(timeline([], decisions), []);
    assert.ok(chart);
    assert.deepEqual(
      chart.points.map(({ need, spoke: offered }) => [need, offered]),
      [[0.1, false], [0.8, true]],
    );
    assert.match(chart.summary, /last 2 moments: between 10 % and 80 %, now 80 %\. It speaks above 25 %; it spoke once\./);
  });

  it("is left out until there are two points", () => {
    assert.equal(showing(timeline([], [silent(1, { need: 0.1 })]), []).chart, undefined);
  });
});

describe("The timeline without a server", () => {
  it("names the next step", () => {
    const step = (health: Parameters<typeof offline>[0]): string | undefined => {
      const message = offline(health);
      return message.kind === "offline" ? message.action?.command : "none";
    };
    assert.equal(step({ kind: "missing", problem: "" }), "proactive.setUpServer");
    assert.equal(step({ kind: "failed", problem: "" }), "proactive.restartServer");
    assert.equal(step({ kind: "starting" }), undefined);
  });
});

describe("Following", () => {
  const settled = (holds: () => boolean): Promise<void> =>
    new Promise((resolve, reject) => {
      const deadline = Date.now() + 20_000;
      const poll = setInterval(() => {
        if (!holds() && Date.now() < deadline) return;
        clearInterval(poll);
        if (holds()) resolve();
        else reject(new Error("waited in vain"));
      }, 5);
    });

  it("looks at once, keeps its pause, and rests when nothing new comes", async () => {
    const looks: number[] = [];
    const follower = new Follower(() => Promise.resolve(looks.push(performance.now()) < 3), 40, 150);
    follower.stir();
    follower.stir();
    await settled(() => looks.length > 0 && performance.now() - looks.at(-1)! > 400);
    const gaps = looks.slice(1).map((time, index) => time - looks[index]!);
    assert.ok(looks.length >= 3, `${looks.length} looks`);
    assert.ok(gaps.every((gap) => gap >= 35), `${gaps.join(", ")} ms between looks`);
    const before = looks.length;
    follower.stir();
    await settled(() => looks.length > before);
    follower.dispose();
  });

  it("stops when told, also while it looks", async () => {
    let looks = 0;
    const follower = new Follower(() => {
      looks += 1;
      follower.stop();
      return Promise.resolve(true);
    }, 5, 10_000);
    follower.stir();
    await settled(() => looks === 1);
    const since = performance.now();
    await settled(() => performance.now() - since > 200);
    assert.equal(looks, 1);
  });
});
