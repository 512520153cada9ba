// Bundles the extension, or, with --test, the tests that run inside the extension host.
import { build } from "esbuild";
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { notices } from "./notices.mjs";

const test = process.argv.includes("--test");
const outdir = test ? "dist/test" : "dist";
mkdirSync("dist", { recursive: true });
rmSync(test ? "dist/test" : "dist/extension.js", { recursive: true, force: true });

const { metafile } = await build({
  entryPoints: test ? modules("test") : ["src/extension.ts"],
  outbase: test ? "test" : "src",
  outdir,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode", "mocha"],
  sourcemap: test ? "inline" : false,
  minify: !test,
  keepNames: true,
  legalComments: "none",
  logLevel: "warning",
  metafile: true,
});
if (!test) writeFileSync("ThirdPartyNotices.txt", notices(Object.keys(metafile.inputs)));

function modules(folder) {
  return readdirSync(folder, { recursive: true })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}
