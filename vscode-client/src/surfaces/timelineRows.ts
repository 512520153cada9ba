// What the timeline view shows, as plain values: rows newest first, and the need over time. Pure.

import type { Decision, Suggestion, Timeline } from "../protocol";
import { place, plain } from "./text";
import type { Chart, Point, Row, Showing } from "./timelineMessages";

const MOST_POINTS = 60;
const LONGEST = 400;

const FATES: Readonly<Record<string, string>> = {
  accepted: "accepted",
  dismissed: "dismissed",
  ignored: "left unanswered",
  superseded: "withdrawn",
  done_alone: "done by you",
  waiting: "waiting",
  shown: "waiting",
};

/** The view's content; `waiting` are the suggestions of the newest status. */
export function showing(timeline: Timeline, waiting: readonly Suggestion[]): Showing {
  const open = new Set(waiting.map((one) => one.id));
  const numbered = numbering();
  const events = timeline.events
    // The decision that made the suggestion tells the same, and more.
    .filter((event) => event.kind !== "suggestion.shown")
    .map((event): Row => {
      const text = plain(event.sentence, LONGEST);
      return { key: numbered(`${event.time} ${event.kind}`), kind: "event", time: event.time, text, times: 1, details: [] };
    });
  const decisions = timeline.decisions.map((decision) => decisionRow(decision, open, numbered));
  // Sorted by time; of the same moment, the event that led to a decision stands below it.
  const rows = [...events, ...decisions].sort((one, other) => one.time.localeCompare(other.time));
  return { rows: joined(rows).reverse(), chart: chart(timeline.decisions) };
}

/** Equal silences in a row become one, named after the first so that it stays the same row as more follow. */
function joined(rows: readonly Row[]): Row[] {
  const result: Row[] = [];
  for (const row of rows) {
    const last = result.at(-1);
    if (last?.kind === "silence" && row.kind === "silence" && last.text === row.text) {
      result[result.length - 1] = { ...last, time: row.time, times: last.times + 1 };
    } else {
      result.push(row);
    }
  }
  return result;
}

/** Where the suggestion behind a row's key is; none if the row is another's. */
export function spotOf(timeline: Timeline, key: string): { uri: string; line: number } | undefined {
  const numbered = numbering();
  for (const event of timeline.events) numbered(`${event.time} ${event.kind}`);
  for (const decision of timeline.decisions) {
    if (numbered(`${decision.time} ${decision.boundary}`) === key) return decision.suggestion;
  }
  return undefined;
}

/** Makes equal names different by counting them. */
function numbering(): (name: string) => string {
  const seen = new Map<string, number>();
  return (name) => {
    const number = (seen.get(name) ?? 0) + 1;
    seen.set(name, number);
    return number === 1 ? name : `${name} ${number}`;
  };
}

function decisionRow(decision: Decision, open: ReadonlySet<string>, numbered: (name: string) => string): Row {
  const { suggestion, time } = decision;
  const key = numbered(`${time} ${decision.boundary}`);
  if (suggestion === undefined) return { key, kind: "silence", time, text: silence(decision), times: 1, details: [] };
  const waits = open.has(suggestion.id);
  const fate = waits ? "waiting" : FATES[suggestion.fate ?? ""];
  return {
    key,
    kind: "suggestion",
    time,
    text: plain(suggestion.title, LONGEST),
    times: 1,
    details: suggestion.because.map((sentence) => plain(sentence, LONGEST)),
    place: place(suggestion),
    ...(fate === undefined ? {} : { fate }),
    ...(waits ? { waits: suggestion.id } : {}),
  };
}

/** The server's own sentence; of one too old to have it, the reason's name and its detail. */
function silence(decision: Decision): string {
  if (decision.text !== undefined) return plain(decision.text, LONGEST);
  const name = (decision.reason ?? "silent").replaceAll("_", " ");
  return plain(decision.detail === undefined ? name : `${name}: ${decision.detail}`, LONGEST);
}

function chart(decisions: readonly Decision[]): Chart | undefined {
  const points = decisions
    .flatMap(({ time, need, threshold, suggestion }): Point[] =>
      need === undefined
        ? []
        : [{ time, need, spoke: suggestion !== undefined, ...(threshold === undefined ? {} : { threshold }) }],
    )
    .slice(-MOST_POINTS);
  const newest = points.at(-1);
  if (newest === undefined || points.length < 2) return undefined;
  const percent = (share: number): string => `${Math.round(share * 100)} %`;
  const needs = points.map((point) => point.need);
  const spoken = points.filter((point) => point.spoke).length;
  const summary = [
    `How likely you wanted help, at the last ${points.length} moments:`,
    `between ${percent(Math.min(...needs))} and ${percent(Math.max(...needs))}, now ${percent(newest.need)}.`,
    newest.threshold === undefined ? "" : `It speaks above ${percent(newest.threshold)};`,
    spoken === 0 ? "it did not speak." : `it spoke ${spoken === 1 ? "once" : `${spoken} times`}.`,
  ];
  return { points, summary: summary.filter(Boolean).join(" ") };
}
