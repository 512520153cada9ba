// Makes one run of many requests that come in quick succession, and never two runs at a time.

/** Runs a task some time after it was asked for; the reasons of all who asked meanwhile are passed on. */
export class Coalescer {
  private reasons: string[] = [];
  private waiting: Promise<void> | undefined;
  private running: Promise<void> = Promise.resolve();
  private closed = false;

  /**
   * @param task what to run; its errors reach those who asked.
   * @param quiet milliseconds from the first request to the run.
   */
  constructor(
    private readonly task: (reasons: readonly string[]) => Promise<void>,
    private readonly quiet: number,
  ) {}

  /** Ask for a run; resolves after the one that began later than this request. */
  request(reason: string): Promise<void> {
    if (this.closed) return Promise.resolve();
    if (!this.reasons.includes(reason)) this.reasons.push(reason);
    this.waiting ??= this.next();
    return this.waiting;
  }

  /** Begin nothing any more; requests that still wait are dropped. Resolves when the run under way is over. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running;
  }

  private async next(): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, this.quiet));
    await this.running;
    const reasons = this.reasons;
    this.reasons = [];
    this.waiting = undefined;
    if (this.closed) return;
    const run = this.task(reasons);
    this.running = run.catch(() => undefined);
    await run;
  }
}
