// Keeps a source alive: what goes wrong in a listener is logged, and the next event finds it listening.

import { log, reason } from "../log";

/** The function, but one that never throws or rejects; `what` says in the log what it was about. */
export function careful<Arguments extends unknown[]>(
  what: string,
  act: (...values: Arguments) => unknown,
): (...values: Arguments) => void {
  const failed = (error: unknown): void => {
    log.warn(`${what}: ${reason(error)}`);
  };
  return (...values) => {
    try {
      const result = act(...values);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}
