// A connection that keeps what is reported, each report held to the schema that the server publishes.

import * as assert from "node:assert";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Ajv2020 from "ajv/dist/2020";
import * as vscode from "vscode";
import type { Connection, Health } from "../../src/connection";
import type { EventKind, ProactiveEvent } from "../../src/events";
import type { Suggestion } from "../../src/protocol";
import { until } from "./support";

const SCHEMA = join("docs", "proactive-event.schema.json");
const validate = new Ajv2020({ strict: false, validateFormats: false }).compile(readSchema());

type Of<Kind extends EventKind> = Extract<ProactiveEvent, { kind: Kind }>;

export class Recorder implements Connection {
  private readonly healthChanged = new vscode.EventEmitter<Health>();
  private readonly statusChanged = new vscode.EventEmitter<undefined>();
  readonly health: Health = { kind: "running", version: "1" };
  readonly status = undefined;
  readonly onDidChangeHealth = this.healthChanged.event;
  readonly onDidChangeStatus = this.statusChanged.event;
  readonly onDidOfferCommand = new vscode.EventEmitter<Suggestion>().event;
  readonly reports: ProactiveEvent[] = [];
  private readonly sources: vscode.Disposable[] = [];

  /** Starts sources that report here. */
  constructor(...sources: ((connection: Connection) => vscode.Disposable)[]) {
    for (const source of sources) this.sources.push(source(this));
  }

  report(event: ProactiveEvent): void {
    this.reports.push(JSON.parse(JSON.stringify(event)) as ProactiveEvent);
  }

  of<Kind extends EventKind>(kind: Kind): Of<Kind>[] {
    return this.reports.filter((event): event is Of<Kind> => event.kind === kind);
  }

  /** Waits for one of that kind that suits; returns the first. */
  async first<Kind extends EventKind>(kind: Kind, suits: (event: Of<Kind>) => boolean = () => true): Promise<Of<Kind>> {
    return until(() => this.of(kind).find(suits), `a report of ${kind}; there are ${JSON.stringify(this.reports)}`);
  }

  /** As after a restart of the server. */
  restarted(): void {
    this.healthChanged.fire(this.health);
  }

  /** Ends the sources; whatever they reported has to be as the schema wants it. */
  close(): void {
    for (const source of this.sources) source.dispose();
    for (const event of this.reports) {
      assert.ok(validate(event), `${JSON.stringify(event)}: ${JSON.stringify(validate.errors)}`);
    }
  }

  execute(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  timeline(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  restart(): Promise<void> {
    return Promise.resolve();
  }
}

/** From the repository that the tests are built in. */
function readSchema(): object {
  for (let folder = __dirname; folder !== dirname(folder); folder = dirname(folder)) {
    try {
      return JSON.parse(readFileSync(join(folder, SCHEMA), "utf8")) as object;
    } catch {
      continue;
    }
  }
  throw new Error(`there is no ${SCHEMA} above ${__dirname}`);
}
