// The connection across the server's lives: starts it, tells its status on, restarts it once for many reasons at a time.

import * as vscode from "vscode";
import type { Connection, Health } from "../connection";
import type { ProactiveEvent } from "../events";
import { log, reason } from "../log";
import { EVENT, type ServerCommandName, STATUS, type Status, type Suggestion, TIMELINE, type Timeline } from "../protocol";
import { Coalescer } from "./coalesce";
import { CRASHES, Crashes, PERIOD } from "./crashes";
import type { Located } from "./locate";
import { isSame, type Program } from "./program";
import { CLOSE_LIMIT, Session } from "./session";
import { TraceChannel } from "./trace";

/** Milliseconds in which several reasons to restart make one restart. */
const TOGETHER = 250;

export class ServerClient implements Connection {
  private readonly healthChanged = new vscode.EventEmitter<Health>();
  private readonly statusChanged = new vscode.EventEmitter<Status | undefined>();
  private readonly commandOffered = new vscode.EventEmitter<Suggestion>();
  readonly onDidChangeHealth = this.healthChanged.event;
  readonly onDidChangeStatus = this.statusChanged.event;
  readonly onDidOfferCommand = this.commandOffered.event;
  private readonly trace = new TraceChannel();
  private readonly crashes = new Crashes();
  private readonly turns: Coalescer;
  private session: Session | undefined;
  private currentHealth: Health = { kind: "stopped" };
  private currentStatus: Status | undefined;
  private closed = false;

  /** @param find looks for the program to start. */
  constructor(private readonly find: () => Promise<Located>) {
    this.turns = new Coalescer((reasons) => this.turn(reasons), TOGETHER);
  }

  get health(): Health {
    return this.currentHealth;
  }

  get status(): Status | undefined {
    return this.currentStatus;
  }

  /** What runs now. */
  get program(): Program | undefined {
    return this.session?.program;
  }

  report(event: ProactiveEvent): void {
    const session = this.running();
    session?.notify(EVENT, event).catch((error: unknown) => {
      log.debug(`an event was not sent: ${reason(error)}`);
    });
  }

  async execute(command: ServerCommandName, argument?: Readonly<Record<string, unknown>>): Promise<unknown> {
    const params = { command, arguments: argument === undefined ? [] : [argument] };
    return this.running()?.request("workspace/executeCommand", params);
  }

  async timeline(limit: number): Promise<Timeline | undefined> {
    return this.running()?.request<Timeline>(TIMELINE, { limit });
  }

  async restart(why: string): Promise<void> {
    this.crashes.forget();
    await this.turns.request(why);
  }

  /** Start anew if another program than the one that runs is found now. */
  async restartIfMoved(why: string): Promise<void> {
    const found = await this.find();
    if (this.closed || found.kind !== "found" || isSame(found.program, this.program)) return;
    await this.turns.request(why);
  }

  /** End the server for good, in two seconds at most. */
  async close(): Promise<void> {
    this.closed = true;
    await Promise.all([this.session?.stop(CLOSE_LIMIT), this.turns.close()]);
    this.trace.dispose();
    this.healthChanged.dispose();
    this.statusChanged.dispose();
    this.commandOffered.dispose();
  }

  private running(): Session | undefined {
    return this.session?.isRunning === true ? this.session : undefined;
  }

  /** End the server if it runs, and start the one that is found now. */
  private async turn(reasons: readonly string[]): Promise<void> {
    log.info(`starting the server: ${reasons.join("; ")}`);
    await this.session?.stop();
    this.session = undefined;
    this.tell(undefined);
    this.become({ kind: "starting" });
    const found = await this.find();
    if (this.closed) return;
    if (found.kind !== "found") {
      log.warn(found.problem);
      this.become({ kind: found.kind === "missing" ? "missing" : "failed", problem: found.problem });
      return;
    }
    await this.begin(found.program);
  }

  private async begin(program: Program): Promise<void> {
    const session: Session = new Session(
      program,
      this.trace,
      (status) => {
        if (this.session === session) this.tell(status);
      },
      (suggestion) => {
        this.commandOffered.fire(suggestion);
      },
      () => {
        if (this.session === session) this.lost();
      },
    );
    this.session = session;
    log.info(`running ${[program.command, ...program.args].join(" ")} (${program.from})`);
    try {
      const version = await session.start();
      this.become({ kind: "running", version });
      const status = await session.request<Status>(STATUS, {});
      if (this.running() === session) this.tell(status);
    } catch (error) {
      if (this.session !== session || this.closed) return;
      if (session.isRunning) {
        log.error(`the server does not tell its status: ${reason(error)}`);
        return;
      }
      this.session = undefined;
      this.become({ kind: "failed", problem: `The server (${program.from}) did not start: ${reason(error)}.` });
    }
  }

  private lost(): void {
    this.session = undefined;
    this.tell(undefined);
    if (this.closed) return;
    if (this.crashes.mayRestart(Date.now())) {
      this.become({ kind: "starting" });
      this.turns.request("it ended unexpectedly").catch((error: unknown) => {
        log.error(reason(error));
      });
    } else {
      const minutes = PERIOD / 60_000;
      this.become({ kind: "failed", problem: `The server ended unexpectedly ${CRASHES} times in ${minutes} minutes.` });
    }
  }

  private become(health: Health): void {
    if (this.closed) return;
    this.currentHealth = health;
    void vscode.commands.executeCommand("setContext", "proactive.running", health.kind === "running");
    this.healthChanged.fire(health);
  }

  private tell(status: Status | undefined): void {
    if (this.closed) return;
    this.currentStatus = status;
    this.statusChanged.fire(status);
  }
}
