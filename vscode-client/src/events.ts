// What the extension reports by `proactive/event`: docs/proactive-event.schema.json, as types.

/** Start line, start character, end line, end character; zero-based, in UTF-16 code units. */
export type PlainRange = readonly [number, number, number, number];

export type PlainSeverity = "error" | "warning" | "information" | "hint";

export interface Where {
  readonly uri?: string | null;
  readonly workspace?: string | null;
  readonly range?: PlainRange | null;
  readonly symbol?: string | null;
  readonly language?: string | null;
}

/** A failure that was read out of a run; `path` is absolute or relative to the run's folder, `line` zero-based. */
export interface Failure {
  readonly message: string;
  readonly path?: string | null;
  readonly line?: number | null;
  readonly test?: string | null;
  readonly error?: string | null;
  readonly symbol?: string | null;
}

export interface PlainDiagnostic {
  readonly range: PlainRange;
  readonly message: string;
  readonly severity: PlainSeverity;
  readonly code: string | null;
  readonly tool: string | null;
}

/** Each kind's own data. */
export interface Payloads {
  "document.focused": Record<string, never>;
  "selection.changed": { selecting?: boolean; in_snippet?: boolean };
  "terminal.run": {
    command: string;
    cwd: string | null;
    exit_code: number | null;
    seconds: number | null;
    output: string;
    failures?: readonly Failure[];
  };
  "task.run": {
    name: string;
    kind?: "task" | "test";
    cwd: string | null;
    exit_code: number | null;
    seconds: number | null;
    output: string;
    failures?: readonly Failure[];
  };
  "debug.stopped": { reason: string; message: string | null };
  "git.committed": { commit: string; subject: string; branch: string | null };
  "git.switched": { branch: string | null; previous: string | null };
  "git.conflicted": { operation?: string; paths: readonly string[] };
  "window.focused": { app: string; title: string };
  "idle.began": Record<string, never>;
  "idle.ended": { seconds: number };
  diagnostics: { items: readonly PlainDiagnostic[] };
}

export type EventKind = keyof Payloads;

/** One report. */
export type ProactiveEvent = {
  readonly [Kind in EventKind]: {
    readonly kind: Kind;
    /** ISO 8601, UTC; the time of arrival if left out. */
    readonly time?: string;
    readonly where?: Where;
    readonly data: Readonly<Payloads[Kind]>;
  };
}[EventKind];
