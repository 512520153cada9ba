// Runs a program to its end: with a time limit, to be cancelled, and never with an exception.

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { parse } from "node:path";
import { createInterface } from "node:readline";

/** How much of the output is kept, from its end, in characters. */
const KEPT = 200_000;
/** Milliseconds that a program has to end of itself once it was told to. */
const GRACE = 500;

export interface RunOptions {
  /** The time limit. */
  readonly seconds: number;
  /** Ends the program early. */
  readonly signal?: AbortSignal;
  /** Called for each line of output. */
  readonly onLine?: (line: string) => void;
}

export interface Outcome {
  /** Null if it did not start, took too long or was ended. */
  readonly code: number | null;
  /** Standard output alone. */
  readonly out: string;
  /** Standard output and error, or why it did not start. */
  readonly all: string;
}

const running = new Set<ChildProcess>();

/** End all programs that still run, at once and by force. */
export function endAll(): void {
  for (const child of running) killAll(child, "SIGKILL");
}

/**
 * Where programs are started: the user's home. Never the workspace, since programs look for modules and settings where
 * they are started.
 */
export function startFolder(): string {
  const home = homedir();
  return existsSync(home) ? home : parse(process.execPath).root;
}

/** Run a program without input. */
export async function run(command: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  if (options.signal?.aborted === true) return { code: null, out: "", all: "cancelled" };
  const child = spawn(command, args, {
    cwd: startFolder(),
    stdio: ["ignore", "pipe", "pipe"],
    detached: process.platform !== "win32", // a group of its own, so that it ends with all that it started
    windowsHide: true,
  });
  running.add(child);
  let out = "";
  let all = "";
  const keep = (line: string, isOut: boolean): void => {
    if (isOut) out = `${out}${line}\n`.slice(-KEPT);
    all = `${all}${line}\n`.slice(-KEPT);
    options.onLine?.(line);
  };
  createInterface({ input: child.stdout }).on("line", (line) => {
    keep(line, true);
  });
  createInterface({ input: child.stderr }).on("line", (line) => {
    keep(line, false);
  });
  const end = (): void => {
    killAll(child, "SIGTERM");
    setTimeout(() => {
      if (running.has(child)) killAll(child, "SIGKILL");
    }, GRACE).unref();
  };
  const limit = setTimeout(() => {
    all += `took longer than ${options.seconds} s\n`;
    end();
  }, options.seconds * 1000);
  options.signal?.addEventListener("abort", end, { once: true });
  try {
    const code = await new Promise<number | null>((resolve) => {
      child.once("error", (error) => {
        all += error.message;
        resolve(null);
      });
      child.once("close", resolve);
    });
    return { code, out, all };
  } finally {
    running.delete(child);
    clearTimeout(limit);
    options.signal?.removeEventListener("abort", end);
  }
}

/** End a program that was started with `detached`, and what it has started. */
function killAll(child: ChildProcess, signal: NodeJS.Signals): void {
  const { pid } = child;
  if (pid === undefined) return;
  if (process.platform === "win32") {
    spawn("taskkill", ["/T", "/F", "/PID", String(pid)], { stdio: "ignore", windowsHide: true });
    return;
  }
  try {
    process.kill(-pid, signal);
  } catch {
    // All of them have ended.
  }
}
