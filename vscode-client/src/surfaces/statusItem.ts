// The item in the status bar: one look tells how it stands; a click opens the menu.

import * as vscode from "vscode";
import type { Connection } from "../connection";
import { present } from "./presentation";

/** Milliseconds a thought must last before it is shown; most are over sooner, and the bar is not to flicker. */
const LONG_THOUGHT = 400;

export class StatusItem implements vscode.Disposable {
  private readonly item = vscode.window.createStatusBarItem("proactive.status", vscode.StatusBarAlignment.Right, 100);
  private readonly subscriptions: vscode.Disposable;
  private later: NodeJS.Timeout | undefined;

  constructor(private readonly connection: Connection) {
    this.item.name = "Proactive";
    this.item.command = "proactive.menu";
    const changed = (): void => {
      this.changed();
    };
    this.subscriptions = vscode.Disposable.from(
      connection.onDidChangeHealth(changed),
      connection.onDidChangeStatus(changed),
    );
    this.draw();
    this.item.show();
  }

  dispose(): void {
    clearTimeout(this.later);
    this.subscriptions.dispose();
    this.item.dispose();
  }

  private changed(): void {
    clearTimeout(this.later);
    if (this.connection.status?.state !== "thinking") {
      this.draw();
      return;
    }
    this.later = setTimeout(() => {
      this.draw();
    }, LONG_THOUGHT);
  }

  private draw(): void {
    const { text, tooltip, label, background } = present(this.connection.health, this.connection.status, new Date());
    this.item.text = text;
    this.item.tooltip = tooltip;
    this.item.accessibilityInformation = { label, role: "button" };
    this.item.backgroundColor = background && new vscode.ThemeColor(background);
  }
}
