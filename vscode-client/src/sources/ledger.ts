// What ran lately and where, so that a test report is not told of beside the run that wrote it.

import type { Connection } from "../connection";

/** Milliseconds between a run's end and a report that is still its own. */
const AFTER = 2000;

const REMEMBERED = 50;

/** `folder` is a workspace folder's address, null if unknown; times are milliseconds since 1970. */
export interface Span {
  readonly folder: string | null;
  readonly from: number;
  to?: number;
}

export class Ledger {
  private spans: Span[] = [];

  begin(folder: string | null): Span {
    const span: Span = { folder, from: Date.now() };
    this.spans = [...this.spans.slice(1 - REMEMBERED), span];
    return span;
  }

  end(span: Span): void {
    span.to = Date.now();
  }

  /** Whether anything runs there. */
  isBusy(folder: string | null): boolean {
    return this.spans.some((span) => span.to === undefined && near(span.folder, folder));
  }

  /** Whether what was written there and then is the work of a run that has ended: test runners write at their end. */
  covers(folder: string | null, written: number): boolean {
    return this.spans.some(
      (span) =>
        span.to !== undefined && near(span.folder, folder) && span.from <= written && written <= span.to + AFTER,
    );
  }
}

function near(one: string | null, other: string | null): boolean {
  return one === null || other === null || one === other;
}

const ledgers = new WeakMap<Connection, Ledger>();

/** The one ledger of all sources that report to a connection. */
export function ledgerOf(connection: Connection): Ledger {
  const ledger = ledgers.get(connection) ?? new Ledger();
  ledgers.set(connection, ledger);
  return ledger;
}
