// What went wrong while a server was being set up, in one sentence with the next step.

import { isNewEnough, LEAST, type Python } from "./python";
import { compareVersions } from "./version";

/** A failure that the user is told of in these very words. */
export class SetUpError extends Error {}

const KNOWN: readonly (readonly [RegExp, string])[] = [
  [/no space left on device|errno 28\b|enospc|disk full|not enough space/i, "The disk is full; make room and try again."],
  [
    /certificate_verify_failed|certificate verify failed|SSLError/i,
    "The package index's certificate is not trusted here; tell pip your certificate ('pip config set global.cert FILE') and try again.",
  ],
  [
    /name resolution|name or service not known|getaddrinfo|nodename nor servname|connection refused|connection reset|network is unreachable|no route to host|timed? ?out|NewConnectionError|ProxyError|dns error|error sending request|failed to fetch/i,
    "The package index cannot be reached; connect, or point pip at an index that can be ('pip config set global.index-url URL'), and try again.",
  ],
  [/permission denied|errno 13\b|eacces|access is denied/i, "A file could not be written, for want of permission; the log says which."],
  [
    /no module named '?(venv|ensurepip)|ensurepip is not available/i,
    "Python's venv module is missing; install it (on Debian and Ubuntu 'sudo apt install python3-venv') and try again.",
  ],
  [
    /requires a different python|requires-python|does not satisfy python/i,
    `The server needs Python ${LEAST.join(".")} or newer; choose another one and try again.`,
  ],
];

/** The sentence for a program's output; its last line that tells of an error where the cause is not known. */
export function sentence(program: string, output: string): string {
  const known = KNOWN.find(([sign]) => sign.test(output));
  if (known !== undefined) return known[1];
  const missing = /no matching distribution found for ([\w.-]+)/i.exec(output);
  if (missing !== null) {
    return `The package index has no '${missing[1] ?? ""}' that fits; point pip at an index that has it and try again.`;
  }
  const lines = output.split("\n").filter((line) => line.trim() !== "");
  const last = lines.findLast((line) => /error/i.test(line)) ?? lines.at(-1) ?? "no output";
  return `${program} failed (${last.trim().slice(0, 200)}); the log has the rest.`;
}

/** Why an environment cannot be made with the Pythons of this machine. */
export function pythonProblem(found: readonly Python[]): string {
  const needed = `Python ${LEAST.join(".")} or newer`;
  const usable = found.find(isNewEnough);
  if (usable !== undefined) {
    const minor = usable.version.slice(0, 2).join(".");
    return (
      `Python ${minor} (${usable.path}) lacks the venv module; install it ` +
      `(on Debian and Ubuntu 'sudo apt install python${minor}-venv') and try again.`
    );
  }
  const newest = [...found].sort((a, b) => compareVersions(b.version, a.version))[0];
  const state =
    newest === undefined
      ? "no Python was found"
      : `the newest found is ${newest.version.join(".")} (${newest.path})`;
  return `The server needs ${needed}, and ${state}; get one from python.org or your package manager and try again.`;
}
