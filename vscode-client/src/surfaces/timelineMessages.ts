// What passes between the timeline view and its script (media/timeline.js): plain values, and text to be shown as text.

export type RowKind = "event" | "suggestion" | "silence";

export interface Row {
  /** The same row has the same key from one showing to the next. */
  readonly key: string;
  readonly kind: RowKind;
  /** ISO 8601, UTC. */
  readonly time: string;
  readonly text: string;
  /** How many equal silences in a row this one stands for; 1 for all else. */
  readonly times: number;
  /** Smaller print: what led to a suggestion. */
  readonly details: readonly string[];
  /** What became of a suggestion, in words. */
  readonly fate?: string;
  /** The suggestion's identifier while it waits for an answer. */
  readonly waits?: string;
  /** Where it is, if it is at a line: `src/stats.py:12`. */
  readonly place?: string;
}

/** A moment at which the need was estimated; shares from 0 to 1. */
export interface Point {
  readonly time: string;
  readonly need: number;
  readonly threshold?: number;
  readonly spoke: boolean;
}

export interface Chart {
  readonly points: readonly Point[];
  /** What the picture shows, in words. */
  readonly summary: string;
}

export interface Showing {
  readonly rows: readonly Row[];
  readonly chart: Chart | undefined;
}

/** What the view's script is sent. */
export type ToView =
  | ({ readonly kind: "timeline"; readonly note: string } & Showing)
  | {
      readonly kind: "offline";
      readonly problem: string;
      readonly action?: { readonly label: string; readonly command: string };
    };

/** What the view's script sends; judged before it is believed. */
export type FromView =
  | { readonly kind: "ready" }
  | { readonly kind: "open"; readonly key: string }
  | { readonly kind: "run"; readonly command: string; readonly id?: string };
