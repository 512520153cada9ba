// The view in the side bar: what was seen and decided. Asks the server only while it is to be seen and something goes on.

import { randomBytes } from "node:crypto";
import * as vscode from "vscode";
import type { Connection, Health } from "../connection";
import type { Timeline } from "../protocol";
import { goTo } from "./answer";
import { Follower } from "./follower";
import { holdingBack } from "./presentation";
import type { FromView, ToView } from "./timelineMessages";
import { showing, spotOf } from "./timelineRows";

const LIMIT = 200;

/** The commands that the view may ask for. */
const ALLOWED: ReadonlySet<string> = new Set([
  "proactive.acceptSuggestion",
  "proactive.dismissSuggestion",
  "proactive.whyNow",
  "proactive.setUpServer",
  "proactive.restartServer",
  "proactive.resumeWorkspace",
  "proactive.wake",
]);

export class TimelineView implements vscode.WebviewViewProvider, vscode.Disposable {
  private view: vscode.WebviewView | undefined;
  private newest: Timeline | undefined;
  private sent = "";
  private readonly follower = new Follower(() => this.refresh());
  private readonly subscriptions: vscode.Disposable;

  constructor(
    private readonly connection: Connection,
    private readonly media: vscode.Uri,
  ) {
    const stir = (): void => {
      if (this.view?.visible === true) this.follower.stir();
    };
    this.subscriptions = vscode.Disposable.from(
      this.follower,
      connection.onDidChangeHealth(stir),
      connection.onDidChangeStatus(stir),
      // Not every event changes the status: look again while the person does something.
      vscode.workspace.onDidChangeTextDocument(stir),
      vscode.workspace.onDidSaveTextDocument(stir),
      vscode.window.onDidChangeActiveTextEditor(stir),
      vscode.window.onDidEndTerminalShellExecution(stir),
      vscode.tasks.onDidEndTaskProcess(stir),
      vscode.languages.onDidChangeDiagnostics(stir),
      vscode.window.onDidChangeWindowState(stir),
      vscode.window.registerWebviewViewProvider("proactive.timeline", this),
      vscode.commands.registerCommand("proactive.showTimeline", () =>
        vscode.commands.executeCommand("proactive.timeline.focus"),
      ),
      vscode.commands.registerCommand("proactive.refreshTimeline", stir),
    );
  }

  dispose(): void {
    this.subscriptions.dispose();
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    this.view = view;
    this.sent = "";
    view.webview.options = { enableScripts: true, localResourceRoots: [this.media] };
    view.webview.html = page(view.webview, this.media);
    view.webview.onDidReceiveMessage((message: FromView) => this.receive(message));
    view.onDidChangeVisibility(() => {
      if (view.visible) this.follower.stir();
      else this.follower.stop();
    });
    view.onDidDispose(() => {
      this.view = undefined;
      this.follower.stop();
    });
  }

  private async receive(message: FromView): Promise<void> {
    switch (message.kind) {
      case "ready":
        this.sent = "";
        this.follower.stir();
        break;
      case "open": {
        const spot = this.newest && spotOf(this.newest, message.key);
        if (spot !== undefined) await goTo(spot);
        break;
      }
      case "run":
        if (ALLOWED.has(message.command)) await vscode.commands.executeCommand(message.command, message.id);
        break;
    }
  }

  /** Draw anew; whether anything was new. */
  private async refresh(): Promise<boolean> {
    const { health, status } = this.connection;
    let message: ToView;
    if (health.kind === "running" && status !== undefined) {
      this.newest = (await this.connection.timeline(LIMIT)) ?? this.newest;
      if (this.newest === undefined) return false;
      const note = holdingBack(status, new Date());
      message = { kind: "timeline", note, ...showing(this.newest, status.suggestions) };
    } else {
      message = offline(health);
    }
    const plain = JSON.stringify(message);
    if (this.view === undefined || plain === this.sent) return false;
    this.sent = plain;
    await this.view.webview.postMessage(message);
    return true;
  }
}

/** The view without a server: what is the matter, and the next step. */
export function offline(health: Health): ToView {
  switch (health.kind) {
    case "missing":
      return {
        kind: "offline",
        problem: health.problem,
        action: { label: "Set Up Server", command: "proactive.setUpServer" },
      };
    case "failed":
      return {
        kind: "offline",
        problem: health.problem,
        action: { label: "Restart Server", command: "proactive.restartServer" },
      };
    case "stopped":
      return {
        kind: "offline",
        problem: "The server is not running.",
        action: { label: "Start Server", command: "proactive.restartServer" },
      };
    default:
      return { kind: "offline", problem: "The server is starting." };
  }
}

function page(webview: vscode.Webview, media: vscode.Uri): string {
  const file = (name: string): string => webview.asWebviewUri(vscode.Uri.joinPath(media, name)).toString();
  const nonce = randomBytes(18).toString("base64");
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src ${webview.cspSource}; script-src 'nonce-${nonce}'">
<link rel="stylesheet" href="${file("timeline.css")}">
<title>Timeline</title>
</head>
<body>
<main id="main"></main>
<p id="news" class="unseen" role="status" aria-live="polite"></p>
<script nonce="${nonce}" src="${file("timeline.js")}"></script>
</body>
</html>`;
}
