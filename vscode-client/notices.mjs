// Collects the licences of all packages whose code went into a bundle.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * The text of ThirdPartyNotices.txt.
 *
 * @param inputs the paths of the bundled files, as esbuild's metafile lists them.
 */
export function notices(inputs) {
  const folders = new Set(inputs.map(packageFolder).filter((folder) => folder !== undefined));
  const parts = [...folders].sort().map((folder) => {
    const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf-8"));
    return `${name} ${version} (${license})\n\n${licence(folder, name)}`;
  });
  const head = "This extension contains code of the following packages, under these licences.";
  return `${[head, ...parts].join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** The innermost package that a file belongs to; undefined for the extension's own files. */
function packageFolder(path) {
  const found = /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
  return found?.[0];
}

/** The licence that a package brings, or, for one that leaves it out of what it publishes, the one kept here. */
function licence(folder, name) {
  const file = readdirSync(folder).find((each) => /^licen[cs]e/i.test(each));
  const path = file === undefined ? join("licences", `${name}.txt`) : join(folder, file);
  if (!existsSync(path)) throw new Error(`${name} brings no licence; put that of its repository into ${path}`);
  return readFileSync(path, "utf-8").trim();
}
