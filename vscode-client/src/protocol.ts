// What passes between extension and server beside standard LSP: docs/protocol.md, as types.

export const EVENT = "proactive/event";
export const STATUS = "proactive/status";
export const STATUS_CHANGED = "proactive/didChangeStatus";
export const TIMELINE = "proactive/timeline";
export const COMMAND_OFFERED = "proactive/offerCommand";

/** The server's commands, for `workspace/executeCommand`. */
export const ServerCommand = {
  accepted: "proactive.accepted",
  apply: "proactive.apply",
  dismiss: "proactive.dismiss",
  goto: "proactive.goto",
  show: "proactive.show",
  snooze: "proactive.snooze",
  status: "proactive.status",
  why: "proactive.why",
} as const;

export type ServerCommandName = (typeof ServerCommand)[keyof typeof ServerCommand];

export type ServerState = "watching" | "thinking" | "suggestion" | "snoozed" | "off";

/** A suggestion that waits for an answer. Lines count from zero; `need` is a probability. */
export interface Suggestion {
  readonly id: string;
  readonly title: string;
  readonly task: string;
  readonly play: string;
  readonly uri: string;
  readonly line: number;
  readonly hasEdit: boolean;
  readonly command: string | null;
  readonly need: number;
  readonly because: readonly string[];
}

export type SnoozeScope = "all" | "workspace" | "file";

/** Times are ISO 8601, UTC. */
export interface Snooze {
  readonly scope: SnoozeScope;
  readonly until: string;
  readonly uri?: string | null;
}

/** `offline`: the last question was not answered. `spent`: what it may be asked in an hour is used up. */
export type ModelState = "ready" | "asking" | "writing" | "offline" | "spent";

/** How it stands with the language model; calls and tokens are those of the last hour, and those allowed. */
export interface ModelStatus {
  readonly name: string;
  readonly state: ModelState;
  /** Why it is offline or spent. */
  readonly problem?: string;
  readonly calls: number;
  readonly callsPerHour: number;
  readonly tokens: number;
  readonly tokensPerHour: number;
}

export interface Status {
  readonly state: ServerState;
  readonly suggestions: readonly Suggestion[];
  readonly counts: Readonly<Record<string, number>>;
  readonly snoozedUntil?: string;
  readonly snoozes?: readonly Snooze[];
  readonly paused?: boolean;
  readonly lastDecision?: Decision;
  /** Only where a language model is named. */
  readonly model?: ModelStatus;
}

export interface TimelineEvent {
  readonly time: string;
  readonly kind: string;
  readonly source: string;
  readonly sentence: string;
  /** Its turn among events and decisions. */
  readonly order?: number;
  readonly uri?: string;
  readonly line?: number;
}

/** A moment at which the server asked itself whether to speak: with a suggestion, or with the reason for silence. */
export interface Decision {
  readonly time: string;
  readonly order?: number;
  readonly boundary: string;
  readonly ms: number;
  readonly need?: number;
  readonly threshold?: number;
  readonly evidence?: readonly { readonly label: string; readonly weight: number }[];
  readonly proposals?: number;
  readonly suggestion?: {
    readonly id: string;
    readonly play: string;
    readonly title: string;
    readonly task: string;
    readonly uri: string;
    readonly line: number;
    readonly because: readonly string[];
    readonly fate?: string;
  };
  readonly reason?: string;
  readonly detail?: string;
  readonly text?: string;
}

/** The newest events and decisions, oldest first. */
export interface Timeline {
  readonly events: readonly TimelineEvent[];
  readonly decisions: readonly Decision[];
  readonly counts: Readonly<Record<string, number>>;
}
