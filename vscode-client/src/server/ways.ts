// The ways to get a server: a private environment, or one of the tools that install Python programs.

import { homedir } from "node:os";
import { makeEnvironment } from "./environment";
import { best, findPythons, type Python } from "./python";
import { installWith, shown, type Tool, tools } from "./tools";
import type { Wheel } from "./wheel";

export type Way = { readonly kind: "private"; readonly python: Python } | { readonly kind: "tool"; readonly tool: Tool };

/** What there is to choose from, the best first; `pythons` are all that were found, for the sentence where none will do. */
export interface Ways {
  readonly ways: readonly Way[];
  readonly pythons: readonly Python[];
}

/**
 * All ways on this machine.
 *
 * @param avoid folders out of which nothing is run.
 */
export async function findWays(avoid: readonly string[]): Promise<Ways> {
  const [pythons, installed] = await Promise.all([findPythons(avoid), tools(avoid)]);
  const python = best(pythons);
  const own: Way[] = python?.hasVenv === true ? [{ kind: "private", python }] : [];
  return { ways: [...own, ...installed.map((tool): Way => ({ kind: "tool", tool }))], pythons };
}

/** What a way does and where, to follow on "set it up". */
export function describe(way: Way, storage: string): string {
  if (way.kind === "tool") return `with '${shown(way.tool)}', which puts 'proactive' where your other tools are`;
  const folder = storage.startsWith(homedir()) ? `~${storage.slice(homedir().length)}` : storage;
  return `in a private Python ${way.python.version.slice(0, 2).join(".")} environment in ${folder}`;
}

/**
 * Go a way to its end.
 *
 * @throws SetUpError with a sentence for the user.
 */
export async function carryOut(
  way: Way,
  wheel: Wheel,
  storage: string,
  signal: AbortSignal,
  onStep: (step: string) => void,
  onLine: (line: string) => void,
): Promise<void> {
  if (way.kind === "private") {
    const recipe = { python: way.python.path, wheel: wheel.path, version: wheel.version, signal, onStep, onLine };
    await makeEnvironment(storage, recipe);
  } else {
    onStep(`running '${shown(way.tool)}'`);
    await installWith(way.tool, wheel.path, signal, onLine);
  }
}
