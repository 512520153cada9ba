// Versions of server and extension: read, compared, and judged to fit or not.

/** Major, minor and patch of a version such as `0.2.0rc1`, which may stand among other words; undefined without one. */
export function parseVersion(text: string): readonly [number, number, number] | undefined {
  const found = /(?<![\w.])v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  if (found === null) return undefined;
  return [Number(found[1]), Number(found[2]), Number(found[3] ?? 0)];
}

/** Less than zero if `a` is the older one, zero if they are equal, more than zero if it is the newer one. */
export function compareVersions(a: readonly number[], b: readonly number[]): number {
  for (let place = 0; place < Math.max(a.length, b.length); place++) {
    const difference = (a[place] ?? 0) - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/**
 * Whether a server lacks what this extension may ask of it: its minor version is older. What cannot be read is not old.
 */
export function isTooOld(server: string, extension: string): boolean {
  const [has, wants] = [parseVersion(server), parseVersion(extension)];
  if (has === undefined || wants === undefined) return false;
  return compareVersions(has.slice(0, 2), wants.slice(0, 2)) < 0;
}
