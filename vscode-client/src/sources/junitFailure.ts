// What a failed test of a report is about: message, error, test, and the file and line, where these can be known.

import { statSync } from "node:fs";
import { dirname, isAbsolute, join, resolve } from "node:path";
import type { Failure } from "../events";
import type { JUnitCase } from "./junit";
import { cut } from "./plain";

/** Messages that say nothing. */
const EMPTY = /^(?:|failed|failure|error|collection failure|test failed|.* failed)$/i;

/** pytest marks what went wrong with a leading E. */
const MARKED = /^E\s{2,}(\S.*)$/m;
/** pytest names the error where it was raised, below the trace. */
const RAISED = /:\d+: ([A-Za-z_][\w.]*)\s*$/;
const NAMED = /^([A-Za-z_$][\w.$]*(?:Error|Exception|Failure|Failed|Warning|Interrupt|Exit))\b/;

/** `path:line:` at the start of a line as in pytest, Go and compilers; Python's own traces. */
const PRINTED = /^\s*(?:File "([^"\n]+)", line (\d+)|((?:[A-Za-z]:[\\/])?[^\s:()"'][^:\n()"']*\.\w+):(\d+)(?::|$))/gm;
/** A JavaScript stack's frame: innermost first. */
const FRAME = /^\s*(?:at |❯ ).*?((?:file:\/\/)?(?:[A-Za-z]:)?[\\/]?[^\s():]+\.\w+):(\d+):\d+\)?\s*$/gm;

const MOST_PARENTS = 12;

/**
 * @param folders where relative paths may start, the likeliest first.
 * @param isOurs whether a file is one of the workspace's own.
 */
export function plainFailure(
  failed: JUnitCase,
  folders: readonly string[],
  isOurs: (path: string) => boolean,
): Failure {
  const find = (path: string): string | undefined =>
    (isAbsolute(path) ? [path] : folders.map((folder) => resolve(folder, path))).find(
      (candidate) => isOurs(candidate) && isFile(candidate),
    );
  const message = messageOf(failed);
  const place = placeOf(failed, find);
  const error = NAMED.exec(message)?.[1] ?? NAMED.exec(failed.type)?.[1] ?? RAISED.exec(failed.body)?.[1];
  return {
    message: cut(message),
    path: place?.path ?? null,
    line: place?.line ?? null,
    test: cut(testOf(failed, find)),
    ...(error === undefined ? {} : { error: error.split(".").at(-1) ?? error }),
  };
}

/** The folder of a report and those above it, up to the workspace's: a path in it may start from any of them. */
export function foldersAbove(report: string, top: string): string[] {
  const folders: string[] = [];
  for (let folder = dirname(report); folders.length < MOST_PARENTS; folder = dirname(folder)) {
    folders.push(folder);
    if (folder === top) return folders;
    if (dirname(folder) === folder) break;
  }
  return [top];
}

function messageOf({ message, body, name }: JUnitCase): string {
  const said = firstLine(message);
  if (!EMPTY.test(said)) return said;
  const marked = MARKED.exec(body)?.[1];
  return marked ?? (firstLine(body) || said || `${name} failed`);
}

function firstLine(text: string): string {
  return text.trim().split("\n", 1)[0]?.trim() ?? "";
}

/** Where it was raised, as near as the trace tells; else the test's own file. */
function placeOf(
  failed: JUnitCase,
  find: (path: string) => string | undefined,
): { path: string; line: number | null } | undefined {
  const frames = [...failed.body.matchAll(FRAME)]
    .map((match) => ({ path: match[1]?.replace("file://", ""), line: match[2] }))
    .filter(({ path }) => path?.includes("node_modules") === false);
  const printed = [...failed.body.matchAll(PRINTED)]
    .map((match) => ({ path: match[1] ?? match[3], line: match[2] ?? match[4] }))
    .reverse();
  for (const { path, line } of [...frames, ...printed].slice(0, 50)) {
    if (path === undefined || path.includes("site-packages")) continue;
    const found = find(path) ?? findBeside(path, failed.className, find);
    if (found !== undefined) return { path: found, line: Math.max(Number(line) - 1, 0) };
  }
  const own = failed.file === undefined ? undefined : find(failed.file);
  return own === undefined ? undefined : { path: own, line: null };
}

/** Go names files relative to their package, and packages by their address: `example.org/app/pkg`. */
function findBeside(path: string, className: string, find: (path: string) => string | undefined): string | undefined {
  const parts = className.split("/");
  if (isAbsolute(path) || parts.length === 1) return undefined;
  for (let start = 1; start <= parts.length && start <= MOST_PARENTS; start += 1) {
    const found = find(join(...parts.slice(start), path));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** pytest's own name of a test where its file is found, `tests/test_a.py::TestB::test_c`; else class and name. */
function testOf({ className, name }: JUnitCase, find: (path: string) => string | undefined): string {
  const parts = className.split(".");
  if (/^\w+(?:\.\w+)*$/.test(className)) {
    for (let count = parts.length; count > 0; count -= 1) {
      const file = `${parts.slice(0, count).join("/")}.py`;
      if (find(file) !== undefined) return [file, ...parts.slice(count), name].join("::");
    }
  }
  return className === "" || name.startsWith(className) ? name : `${className} ${name}`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
