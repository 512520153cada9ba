// Repeats a look at something that goes on: at most every two seconds, and not at all once nothing new has come.

import type * as vscode from "vscode";

/** Milliseconds between two looks. */
const PAUSE = 2_000;

/** Milliseconds without news after which it rests until the next stir: longer than the server's usual quiet time. */
const REST = 12_000;

/** Calls `look`, which says whether anything was new. */
export class Follower implements vscode.Disposable {
  private timer: NodeJS.Timeout | undefined;
  private looking = false;
  private lastLook = 0;
  private restAt = 0;

  constructor(
    private readonly look: () => Promise<boolean>,
    private readonly pause = PAUSE,
    private readonly rest = REST,
  ) {}

  /** Something goes on: look, at once if the last look is long enough ago. */
  stir(): void {
    this.restAt = Date.now() + this.rest;
    this.plan();
  }

  /** Look no more until the next stir. */
  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.restAt = 0;
  }

  dispose(): void {
    this.stop();
  }

  private plan(): void {
    if (this.timer !== undefined || this.looking) return;
    const wait = Math.max(0, this.lastLook + this.pause - Date.now());
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.once();
    }, wait);
  }

  private async once(): Promise<void> {
    this.looking = true;
    this.lastLook = Date.now();
    try {
      const news = await this.look();
      if (news && this.restAt !== 0) this.restAt = Date.now() + this.rest;
    } catch {
      // The server went away in between; its coming back stirs again.
    } finally {
      this.looking = false;
    }
    if (Date.now() < this.restAt) this.plan();
  }
}
