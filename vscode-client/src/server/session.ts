// One life of the server: its process, and the language client that talks to it.

import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type * as vscode from "vscode";
import {
  CloseAction,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  State,
  type StaticFeature,
} from "vscode-languageclient/node";
import { log, reason } from "../log";
import { COMMAND_OFFERED, STATUS_CHANGED, type Status, type Suggestion } from "../protocol";
import { SECTION, settings } from "../settings";
import { showMessagesPlain } from "../surfaces/messages";
import type { Program } from "./program";
import { startFolder } from "./run";

/** Milliseconds in which a server must have answered to `initialize`; on a loaded machine it takes some seconds. */
const START_LIMIT = 60_000;
/** Milliseconds that it has for an orderly end before it is ended by force: for a restart, and when the editor closes. */
const STOP_LIMIT = 5_000;
export const CLOSE_LIMIT = 1_700;
/** Milliseconds from the end of the connection, or from SIGKILL, to that of the process. */
const EXIT_LIMIT = 250;

/** Documents on disk and new ones; not notebooks' cells, output, or what git shows of other versions. */
export const DOCUMENTS = [{ scheme: "file" }, { scheme: "untitled" }];

/** Says in the capabilities what this client does beside the standard. */
const ownFeatures: StaticFeature = {
  fillClientCapabilities(capabilities) {
    const experimental = (capabilities.experimental ?? {}) as Record<string, unknown>;
    capabilities.experimental = { ...experimental, proactive: { status: true, tickedPreview: true, terminal: true } };
  },
  initialize: () => undefined,
  getState: () => ({ kind: "static" }),
  clear: () => undefined,
};

/** Writes to the log alone: what the user is told, and when, is said elsewhere, once. */
class QuietClient extends LanguageClient {
  override error(message: string, data?: unknown): void {
    super.error(message, data, false);
  }

  override warn(message: string, data?: unknown): void {
    super.warn(message, data, false);
  }

  override info(message: string, data?: unknown): void {
    super.info(message, data, false);
  }
}

export class Session {
  private readonly client: QuietClient;
  private process: ChildProcess | undefined;
  private ending = false;
  private lastWords = "";

  /**
   * @param program what to start.
   * @param trace where the trace goes.
   * @param onStatus told each status.
   * @param onCommand told each command that is to be shown.
   * @param onLost told once when it ends without being asked to, after it has run.
   */
  constructor(
    readonly program: Program,
    trace: vscode.LogOutputChannel,
    onStatus: (status: Status) => void,
    onCommand: (suggestion: Suggestion) => void,
    private readonly onLost: () => void,
  ) {
    const options: LanguageClientOptions = {
      documentSelector: DOCUMENTS,
      initializationOptions: settings,
      outputChannel: log,
      traceOutputChannel: trace,
      initializationFailedHandler: () => false,
      errorHandler: {
        error: () => ({ action: ErrorAction.Continue, handled: true }),
        closed: () => {
          if (this.isRunning && !this.ending) this.onLost();
          return { action: CloseAction.DoNotRestart, handled: true };
        },
      },
      middleware: {
        workspace: {
          configuration: ({ items }) => items.map(({ section }) => (section === SECTION ? settings() : null)),
        },
      },
      stdioOptions: {
        stdout: () => undefined,
        stderr: (input) => {
          createInterface({ input }).on("line", (line) => {
            this.hear(line);
          });
        },
      },
    };
    this.client = new QuietClient(SECTION, "Proactive", () => this.spawn(), options);
    this.client.registerFeature(ownFeatures);
    this.client.onNotification(STATUS_CHANGED, onStatus);
    this.client.onNotification(COMMAND_OFFERED, onCommand);
    showMessagesPlain(this.client);
  }

  get isRunning(): boolean {
    return this.client.state === State.Running;
  }

  /**
   * Start it; returns the version that it tells.
   *
   * @throws Error in one line why it did not start.
   */
  async start(): Promise<string> {
    let timer: NodeJS.Timeout | undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`it did not answer within ${START_LIMIT / 1000} s`));
      }, START_LIMIT);
    });
    try {
      await Promise.race([this.client.start(), limit]);
      return this.client.initializeResult?.serverInfo?.version ?? "";
    } catch (error) {
      const child = this.process;
      const code = child !== undefined && (await hasExited(child, EXIT_LIMIT)) ? child.exitCode : null;
      await this.stop();
      if (code === null) throw error;
      const words = this.lastWords === "" ? "" : ` (${this.lastWords})`;
      throw new Error(`it ended with code ${code}${words}`, { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  async notify(method: string, params: unknown): Promise<void> {
    await this.client.sendNotification(method, params);
  }

  async request<T>(method: string, params: unknown): Promise<T> {
    return this.client.sendRequest<T>(method, params);
  }

  /** End it; soon after `limit` milliseconds no process is left. */
  async stop(limit = STOP_LIMIT): Promise<void> {
    const deadline = Date.now() + limit;
    const wasRunning = this.isRunning;
    this.ending = true;
    if (wasRunning) {
      await this.client.dispose(limit).catch((error: unknown) => {
        log.info(`the server did not end in order: ${reason(error)}`);
      });
    }
    const child = this.process;
    if (child === undefined || !isAlive(child)) return;
    // One that is still starting has nothing to finish.
    if (wasRunning && (await hasExited(child, Math.max(0, deadline - Date.now())))) return;
    child.kill("SIGKILL");
    await hasExited(child, EXIT_LIMIT);
  }

  private async spawn(): Promise<ChildProcess> {
    const { command, args } = this.program;
    const child = spawn(command, args, {
      cwd: startFolder(),
      stdio: "pipe",
      windowsHide: true,
    });
    this.process = child;
    await new Promise<void>((resolve, reject) => {
      child.once("spawn", resolve);
      child.once("error", reject);
    });
    child.on("error", (error) => {
      log.error(`the server's process: ${error.message}`);
    });
    child.once("exit", (code, signal) => {
      log.info(`the server's process ended: ${signal ?? code ?? ""}`);
    });
    return child;
  }

  /** Pass on a line that the server wrote to its own log, at the level that it has there. */
  private hear(line: string): void {
    if (line.trim() === "") return;
    this.lastWords = line.trim().slice(0, 200);
    const [, level, text = line] = /^\S+ \S+ (DEBUG|INFO|WARNING|ERROR|CRITICAL) (.*)$/.exec(line) ?? [];
    if (level === "DEBUG") log.debug(text);
    else if (level === "INFO") log.info(text);
    else if (level === "WARNING") log.warn(text);
    else log.error(text);
  }
}

function isAlive(child: ChildProcess): boolean {
  return child.pid !== undefined && child.exitCode === null && child.signalCode === null;
}

async function hasExited(child: ChildProcess, milliseconds: number): Promise<boolean> {
  if (!isAlive(child)) return true;
  return new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve(false);
    }, milliseconds);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
