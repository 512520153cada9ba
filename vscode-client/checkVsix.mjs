// Checks a built .vsix: what has to be in it is, nothing else is, and it is not too big.
// Usage: node checkVsix.mjs FILE.vsix VERSION
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";

const MOST_MEGABYTES = 3;
const NEEDED = [
  /^extension\/package\.json$/,
  /^extension\/readme\.md$/i,
  /^extension\/changelog\.md$/i,
  /^extension\/license\.txt$/i,
  /^extension\/ThirdPartyNotices\.txt$/,
  /^extension\/dist\/extension\.js$/,
  /^extension\/media\/icon\.png$/,
  /^extension\/server\/proactive_lsp-[^-]+-py3-none-any\.whl$/,
];
const ALLOWED = [
  ...NEEDED,
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/media\/[^/]+\.(png|svg|css|js)$/,
  /^extension\/(media|walkthrough)\/.*\.(md|png|svg)$/,
];

const [file, version] = process.argv.slice(2);
const names = execFileSync("python3", ["-c", "import sys, zipfile; print(*zipfile.ZipFile(sys.argv[1]).namelist(), sep='\\n')", file], { encoding: "utf-8" })
  .trim()
  .split("\n");
const problems = [
  ...NEEDED.filter((one) => !names.some((name) => one.test(name))).map((one) => `nothing in it matches ${one}`),
  ...names.filter((name) => !ALLOWED.some((one) => one.test(name))).map((name) => `${name} does not belong in it`),
];
const wheels = names.filter((name) => name.endsWith(".whl"));
if (wheels.length !== 1 || !wheels[0].includes(`-${version}-`)) problems.push(`its wheel is not of version ${version}: ${wheels}`);
const megabytes = statSync(file).size / 1e6;
if (megabytes > MOST_MEGABYTES) problems.push(`it has ${megabytes.toFixed(1)} MB, more than ${MOST_MEGABYTES}`);
for (const problem of problems) console.error(`${file}: ${problem}`);
if (problems.length > 0) process.exit(1);
console.log(`${file}: ${megabytes.toFixed(2)} MB, ${names.length} files`);
