// The item in the status bar: one word on how it stands; a click opens the menu.

import * as vscode from "vscode";
import type { Connection } from "../connection";

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("proactive.status", vscode.StatusBarAlignment.Right, 100);
  private readonly subscriptions: vscode.Disposable;

  constructor(private readonly connection: Connection) {
    this.item.name = "Proactive";
    this.item.command = "proactive.menu";
    const draw = (): void => {
      this.draw();
    };
    this.subscriptions = vscode.Disposable.from(
      connection.onDidChangeHealth(draw),
      connection.onDidChangeStatus(draw),
    );
    this.draw();
    this.item.show();
  }

  dispose(): void {
    this.subscriptions.dispose();
    this.item.dispose();
  }

  private draw(): void {
    const state = this.connection.status?.state ?? this.connection.health.kind;
    this.item.text = `$(eye) Proactive`;
    this.item.accessibilityInformation = { label: `Proactive: ${state}` };
  }
}
