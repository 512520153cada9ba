// A connection without a server, for the surfaces: it is told what holds, and records what it is asked to do.

import * as vscode from "vscode";
import type { Connection, Health } from "../../src/connection";
import type { ModelStatus, ServerCommandName, Status, Suggestion, Timeline } from "../../src/protocol";

export const NOW = new Date(2026, 4, 5, 14, 30);

export function suggestion(id: string, more: Partial<Suggestion> = {}): Suggestion {
  return {
    id,
    title: `Title ${id}`,
    task: `Do ${id}.`,
    play: "failed_run.missing_import",
    uri: "file:///home/ada/app/stats.py",
    line: 11,
    hasEdit: true,
    command: null,
    need: 0.8,
    because: ["The user ran 'pytest -q'; 1 test failed."],
    ...more,
  };
}

export function status(more: Partial<Status> = {}): Status {
  return { state: "watching", suggestions: [], counts: {}, snoozes: [], paused: false, ...more };
}

export function model(more: Partial<ModelStatus> = {}): ModelStatus {
  const used = { calls: 3, callsPerHour: 120, tokens: 900, tokensPerHour: 300_000 };
  return { name: "qwen@localhost", state: "ready", ...used, ...more };
}

export class MemoryConnection implements Connection {
  private readonly healthChanged = new vscode.EventEmitter<Health>();
  private readonly statusChanged = new vscode.EventEmitter<Status | undefined>();
  readonly onDidChangeHealth = this.healthChanged.event;
  readonly onDidChangeStatus = this.statusChanged.event;
  readonly onDidOfferCommand = new vscode.EventEmitter<Suggestion>().event;
  readonly asked: (readonly [ServerCommandName, unknown])[] = [];
  readonly health: Health = { kind: "running", version: "0.1.0" };
  seen: Timeline = { events: [], decisions: [], counts: {} };

  constructor(public status: Status | undefined) {}

  report(): void {
    throw new Error("surfaces report nothing");
  }

  execute(command: ServerCommandName, argument?: unknown): Promise<unknown> {
    this.asked.push([command, argument]);
    return Promise.resolve(null);
  }

  timeline(): Promise<Timeline> {
    return Promise.resolve(this.seen);
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }
}
