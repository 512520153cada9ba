// What pytest keeps of the tests that failed last: their names alone, yet from every run, the Test Explorer's too.

import { dirname, join } from "node:path";
import type { Failure } from "../events";

export const CACHE = ".pytest_cache";

/** The file's path below the folder that pytest ran in. */
export const LAST_FAILED = `${CACHE}/v/cache/lastfailed`;

/** The folder that pytest ran in. */
export function rootOf(file: string): string {
  return dirname(dirname(dirname(dirname(file))));
}

/**
 * The names of the tests that failed when they were run last.
 *
 * @throws Error if it is not that file.
 */
export function parseLastFailed(text: string): Set<string> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("no list of failed tests");
  return new Set(Object.keys(value));
}

/** The outcome of a run, as far as two states of the file show it; undefined where they do not. */
export function outcome(
  before: ReadonlySet<string>,
  after: ReadonlySet<string>,
  root: string,
): { exitCode: number; failures: Failure[] } | undefined {
  const fresh = [...after].filter((test) => !before.has(test)).slice(0, 100);
  if (fresh.length > 0) return { exitCode: 1, failures: fresh.map((test) => failureOf(test, root)) };
  if (after.size === 0 && before.size > 0) return { exitCode: 0, failures: [] };
  return undefined; // of those that remain nobody knows whether they were run again
}

function failureOf(test: string, root: string): Failure {
  const [file = ""] = test.split("::", 1);
  return { message: `${test} failed`, path: join(root, file), line: null, test };
}
