// What the timeline view shows, as plain values: rows newest first, and the need over time. Pure.

import type { Decision, Suggestion, Timeline, TimelineEvent } from "../protocol";
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
  withheld: "not shown",
};

/** The view's content; `waiting` are the suggestions of the newest status. */
export function showing(timeline: Timeline, waiting: readonly Suggestion[]): Showing {
  const open = new Set(waiting.map((one) => one.id));
  const numbered = numbering();
  const events = timeline.events
    .filter(isShown)
    .map((event): Ordered => ({ order: event.order, row: eventRow(event, numbered) }));
  const decisions = timeline.decisions.map(
    (decision): Ordered => ({ order: decision.order, row: decisionRow(decision, open, numbered) }),
  );
  // In the server's order, else by time; of the same moment, the event that led to a decision stands below it.
  const rows = [...events, ...decisions].sort((one, other) =>
    one.order === undefined || other.order === undefined
      ? one.row.time.localeCompare(other.row.time)
      : one.order - other.order,
  );
  return { rows: joined(rows.map(({ row }) => row)).reverse(), chart: chart(timeline.decisions) };
}

interface Ordered {
  readonly order: number | undefined;
  readonly row: Row;
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

/** Where what a row tells of is; none if it is nowhere. */
export function spotOf(timeline: Timeline, key: string): { uri: string; line: number } | undefined {
  const numbered = numbering();
  for (const event of timeline.events.filter(isShown)) {
    if (numbered(`${event.time} ${event.kind}`) !== key) continue;
    return event.uri === undefined ? undefined : { uri: event.uri, line: event.line ?? 0 };
  }
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

/** Whether an event has a row: of a suggestion, the decision that made it tells the same, and more. */
function isShown(event: TimelineEvent): boolean {
  return event.kind !== "suggestion.shown";
}

function eventRow(event: TimelineEvent, numbered: (name: string) => string): Row {
  const { time, uri, line } = event;
  return {
    key: numbered(`${time} ${event.kind}`),
    kind: "event",
    time,
    text: plain(event.sentence, LONGEST),
    times: 1,
    details: [],
    ...(uri === undefined || line === undefined ? {} : { place: place({ uri, line }) }),
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
