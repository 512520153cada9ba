// The language client: starts the server, tells its status on, and restarts it once for many reasons at a time.

import * as vscode from "vscode";
import {
  LanguageClient,
  type LanguageClientOptions,
  type ServerOptions,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";
import type { Connection, Health } from "../connection";
import type { ProactiveEvent } from "../events";
import { log, reason } from "../log";
import {
  EVENT,
  type ServerCommandName,
  STATUS,
  STATUS_CHANGED,
  type Status,
  TIMELINE,
  type Timeline,
} from "../protocol";
import { SECTION, settings } from "../settings";
import { locate } from "./locate";

/** Says in the capabilities that status notifications are wanted. */
const statusFeature: StaticFeature = {
  fillClientCapabilities(capabilities) {
    const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
    capabilities.experimental = { ...experimental, proactive: { status: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

export class ServerClient implements Connection, vscode.Disposable {
  private readonly healthChanged = new vscode.EventEmitter<Health>();
  private readonly statusChanged = new vscode.EventEmitter<Status | undefined>();
  readonly onDidChangeHealth = this.healthChanged.event;
  readonly onDidChangeStatus = this.statusChanged.event;
  private client: LanguageClient | undefined;
  private currentHealth: Health = { kind: "stopped" };
  private currentStatus: Status | undefined;

  get health(): Health {
    return this.currentHealth;
  }

  get status(): Status | undefined {
    return this.currentStatus;
  }

  async start(): Promise<void> {
    const program = locate();
    if (program === undefined) {
      this.become({ kind: "missing", problem: "There is no server yet." });
      return;
    }
    this.become({ kind: "starting" });
    const server: ServerOptions = { command: program.command, args: [...program.args] };
    const options: LanguageClientOptions = {
      documentSelector: [{ scheme: "file" }, { scheme: "untitled" }],
      initializationOptions: settings(),
      outputChannel: log,
      middleware: { workspace: { configuration: () => [settings()] } },
    };
    const client = new LanguageClient(SECTION, "Proactive", server, options);
    client.registerFeature(statusFeature);
    client.onNotification(STATUS_CHANGED, (status: Status) => {
      this.tell(status);
    });
    this.client = client;
    try {
      await client.start();
      this.become({ kind: "running", version: client.initializeResult?.serverInfo?.version ?? "" });
      this.tell(await client.sendRequest<Status>(STATUS, {}));
    } catch (error) {
      log.error(reason(error));
      this.become({ kind: "failed", problem: `The server did not start: ${reason(error)}` });
    }
  }

  report(event: ProactiveEvent): void {
    if (this.client?.state !== State.Running) return;
    this.client.sendNotification(EVENT, event).catch((error: unknown) => {
      log.debug(`an event was not sent: ${reason(error)}`);
    });
  }

  async execute(command: ServerCommandName, argument?: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.client?.state !== State.Running) return undefined;
    const params = { command, arguments: argument === undefined ? [] : [argument] };
    return this.client.sendRequest("workspace/executeCommand", params);
  }

  async timeline(limit: number): Promise<Timeline | undefined> {
    if (this.client?.state !== State.Running) return undefined;
    return this.client.sendRequest<Timeline>(TIMELINE, { limit });
  }

  async restart(why: string): Promise<void> {
    log.info(`restarting: ${why}`);
    await this.stop();
    await this.start();
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    await client?.dispose();
    this.tell(undefined);
    this.become({ kind: "stopped" });
  }

  dispose(): void {
    void this.stop();
    this.healthChanged.dispose();
    this.statusChanged.dispose();
  }

  private become(health: Health): void {
    this.currentHealth = health;
    this.healthChanged.fire(health);
  }

  private tell(status: Status | undefined): void {
    this.currentStatus = status;
    this.statusChanged.fire(status);
  }
}
