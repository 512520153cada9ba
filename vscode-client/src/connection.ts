// What sources and surfaces know of the server: its state, its suggestions, and how to talk to it.

import type * as vscode from "vscode";
import type { ProactiveEvent } from "./events";
import type { ServerCommandName, Status, Suggestion, Timeline } from "./protocol";

/**
 * How the server is doing. `missing`: there is none yet, and the user can have it set up. `failed`: it does not start or
 * keeps ending.
 */
export type Health =
  | { readonly kind: "starting" }
  | { readonly kind: "running"; readonly version: string }
  | { readonly kind: "stopped" }
  | { readonly kind: "missing"; readonly problem: string }
  | { readonly kind: "failed"; readonly problem: string };

export interface Connection {
  readonly health: Health;
  readonly onDidChangeHealth: vscode.Event<Health>;
  /** The newest status that the server told; none while it is not running. */
  readonly status: Status | undefined;
  readonly onDidChangeStatus: vscode.Event<Status | undefined>;
  /** The user took a suggestion that comes as a command, perhaps one just written: it is to be shown. */
  readonly onDidOfferCommand: vscode.Event<Suggestion>;
  /** Send an event; without a running server it is dropped. */
  report(event: ProactiveEvent): void;
  /** Have the server carry out one of its commands; undefined without a running server. */
  execute(command: ServerCommandName, argument?: Readonly<Record<string, unknown>>): Promise<unknown>;
  /** The newest events and decisions, `limit` of each at most; undefined without a running server. */
  timeline(limit: number): Promise<Timeline | undefined>;
  /** Start anew; calls in quick succession make one restart. */
  restart(why: string): Promise<void>;
}
