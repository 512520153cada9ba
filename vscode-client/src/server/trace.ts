// The output channel 'Proactive Trace': all messages to and from the server, while the setting proactive.trace.server is on.

import * as vscode from "vscode";
import { onSettings, SECTION } from "../settings";

/**
 * What the language client writes its trace to. It traces while the channel's level is `Trace`, which is the user's to
 * set by a command for real channels; here the setting decides, and the real one appears with the first message.
 */
export class TraceChannel implements vscode.LogOutputChannel {
  readonly name = "Proactive Trace";
  private readonly levelChanged = new vscode.EventEmitter<vscode.LogLevel>();
  readonly onDidChangeLogLevel = this.levelChanged.event;
  private readonly subscription: vscode.Disposable;
  private channel: vscode.OutputChannel | undefined;

  constructor() {
    this.subscription = onSettings("trace", () => {
      this.levelChanged.fire(this.logLevel);
    });
  }

  get logLevel(): vscode.LogLevel {
    const wanted = vscode.workspace.getConfiguration(SECTION).get<string>("trace.server", "off");
    return wanted === "off" ? vscode.LogLevel.Off : vscode.LogLevel.Trace;
  }

  trace(message: string): void {
    this.appendLine(`${new Date().toISOString()} ${message}`);
  }

  debug(message: string): void {
    this.trace(message);
  }

  info(message: string): void {
    this.trace(message);
  }

  warn(message: string): void {
    this.trace(message);
  }

  error(message: string | Error): void {
    this.trace(String(message));
  }

  append(text: string): void {
    this.channel ??= vscode.window.createOutputChannel(this.name);
    this.channel.append(text);
  }

  appendLine(text: string): void {
    this.append(`${text}\n`);
  }

  replace(text: string): void {
    this.channel?.replace(text);
  }

  clear(): void {
    this.channel?.clear();
  }

  show(): void {
    this.channel?.show(true);
  }

  hide(): void {
    this.channel?.hide();
  }

  dispose(): void {
    this.subscription.dispose();
    this.levelChanged.dispose();
    this.channel?.dispose();
  }
}
