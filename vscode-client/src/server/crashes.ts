// Counts the server's unexpected ends, and says when to stop starting it anew.

export const CRASHES = 4;
/** Milliseconds in which so many are too many. */
export const PERIOD = 3 * 60_000;

export class Crashes {
  private times: number[] = [];

  /** Note an end at `now`, in milliseconds; true if a further start makes sense. */
  mayRestart(now: number): boolean {
    this.times = [...this.times.filter((time) => now - time < PERIOD), now];
    return this.times.length < CRASHES;
  }

  /** Forget them all: the user wants a new start. */
  forget(): void {
    this.times = [];
  }
}
