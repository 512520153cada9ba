// Commands that run in terminals, as the shell integration tells of them, each with the end of its output.

import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import { log, reason } from "../log";
import { careful } from "./careful";
import { Tail } from "./tail";

/** A prompt at the beginning of a line: `ada@host:~/app$ `, `❯ `. */
const PROMPT = /^[^\s'"|&;<>()]*[$#%❯➜»]\s+/u;

/** Characters of a run's output that are kept. */
export const MOST_OUTPUT = 65_536;

/** Milliseconds that the output may come in after the end. Of near-instant commands it sometimes never does. */
const GRACE = 200;

/** How many runs are remembered after their end. */
const REMEMBERED = 4;

/** Times are milliseconds since 1970. */
export class ShellRun {
  readonly started = Date.now();
  ended: number | undefined;
  exitCode: number | undefined;
  /** The terminal was closed before the command had ended. */
  isCutOff = false;
  /** Settles when the command has ended and its output is complete, as far as there is any. */
  readonly whole: Promise<void>;
  private readonly tail = new Tail(MOST_OUTPUT);
  private readonly streamed: Promise<void>;
  private finish!: () => void;

  constructor(
    readonly terminal: vscode.Terminal,
    private readonly execution: vscode.TerminalShellExecution,
  ) {
    this.whole = new Promise((resolve) => {
      this.finish = resolve;
    });
    const failed = (error: unknown): void => {
      log.debug(`a terminal's output: ${reason(error)}`);
    };
    this.streamed = this.read().catch(failed); // begun at once: what was printed before is lost
  }

  /** What the shell integration takes the command to be; at the end it knows better than at the beginning. */
  get command(): string {
    const { value, confidence } = this.execution.commandLine;
    return (confidence === vscode.TerminalShellExecutionCommandLineConfidence.Low ? withoutPrompt(value) : value).trim();
  }

  get cwd(): vscode.Uri | undefined {
    return this.execution.cwd;
  }

  get seconds(): number {
    return ((this.ended ?? Date.now()) - this.started) / 1000;
  }

  /** Escape sequences included; "" where the terminal gave none. */
  get output(): string {
    return this.tail.text;
  }

  async end(exitCode: number | undefined): Promise<void> {
    this.ended = Date.now();
    this.exitCode = exitCode;
    await Promise.race([this.streamed, delay(GRACE)]);
    this.finish();
  }

  private async read(): Promise<void> {
    for await (const piece of this.execution.read()) this.tail.push(piece);
  }
}

/** Watches every terminal of the window. */
export class ShellRuns implements vscode.Disposable {
  private readonly started = new vscode.EventEmitter<ShellRun>();
  private readonly ended = new vscode.EventEmitter<ShellRun>();
  private readonly running = new Map<vscode.TerminalShellExecution, ShellRun>();
  private readonly subscriptions: vscode.Disposable;
  private past: ShellRun[] = [];
  readonly onDidStart = this.started.event;
  /** A command ended, or was cut off; its output is complete. */
  readonly onDidEnd = this.ended.event;

  constructor() {
    this.subscriptions = vscode.Disposable.from(
      this.started,
      this.ended,
      vscode.window.onDidStartTerminalShellExecution(
        careful("a terminal's command", ({ terminal, execution }: vscode.TerminalShellExecutionStartEvent) => {
          const run = new ShellRun(terminal, execution);
          this.running.set(execution, run);
          this.started.fire(run);
        }),
      ),
      vscode.window.onDidEndTerminalShellExecution(
        careful("a terminal's command", ({ execution, exitCode }: vscode.TerminalShellExecutionEndEvent) =>
          this.end(execution, exitCode),
        ),
      ),
      vscode.window.onDidCloseTerminal(
        careful("a closed terminal", (terminal: vscode.Terminal) => {
          for (const [execution, run] of this.running) {
            if (run.terminal !== terminal) continue;
            run.isCutOff = true;
            void this.end(execution, undefined);
          }
        }),
      ),
    );
  }

  /** Those that run, and the last few that have ended. */
  get recent(): readonly ShellRun[] {
    return [...this.running.values(), ...this.past];
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.running.clear();
  }

  private async end(execution: vscode.TerminalShellExecution, exitCode: number | undefined): Promise<void> {
    const run = this.running.get(execution);
    if (run === undefined) return;
    this.running.delete(execution);
    this.past = [run, ...this.past].slice(0, REMEMBERED);
    await run.end(exitCode);
    this.ended.fire(run);
  }
}

/** What was typed, of a line as the screen shows it, such as VS Code guesses it after the screen was cleared. */
export function withoutPrompt(line: string): string {
  return line.replace(PROMPT, "");
}
