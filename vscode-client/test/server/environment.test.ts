// Private environments: made whole or not at all, found by their marker, removed when nobody uses them.

import * as assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdir, readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as vscode from "vscode";
import { claim, environments, makeEnvironment, programOf, release, tidy } from "../../src/server/environment";
import { askVersion } from "../../src/server/program";
import { best, findPythons } from "../../src/server/python";
import { bundledWheel } from "../../src/server/wheel";
import { script, withFolder } from "./support";

/** A folder as an environment has it, whole unless `version` is left out. */
async function pretend(root: string, name: string, version?: string): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  if (version !== undefined) await writeFile(join(folder, "ready.json"), JSON.stringify({ version }));
  return folder;
}

function endedPid(): number {
  return spawnSync("/bin/true").pid;
}

const quiet = {
  signal: new AbortController().signal,
  onStep: (): void => undefined,
  onLine: (): void => undefined,
};

describe("Environments", () => {
  it("are found when they are whole, the newest first", async () => {
    await withFolder(async (root) => {
      await pretend(root, "server-0.9.0-a", "0.9.0");
      await pretend(root, "server-0.10.0-b", "0.10.0");
      await pretend(root, "server-0.11.0-half-made");
      await pretend(root, "something-else", "1.0.0");
      assert.deepEqual((await environments(root)).map(({ version }) => version), ["0.10.0", "0.9.0"]);
      assert.deepEqual(await environments(join(root, "nowhere")), []);
    });
  });

  it("go when nobody uses them: old ones and half-made ones", async () => {
    await withFolder(async (root) => {
      const keep = await pretend(root, "server-0.2.0-new", "0.2.0");
      const used = await pretend(root, "server-0.1.0-used", "0.1.0");
      await claim(used);
      const left = await pretend(root, "server-0.1.0-left", "0.1.0");
      await writeFile(join(left, `in-use-${endedPid()}`), "");
      const half = await pretend(root, "server-0.2.0-half-made");
      assert.deepEqual((await tidy(root, keep)).sort(), [left, half].sort());
      assert.deepEqual((await readdir(root)).sort(), ["server-0.1.0-used", "server-0.2.0-new"]);
      await release(used);
      assert.deepEqual(await tidy(root, keep), [used]);
    });
  });

  it("leave nothing behind when a step fails, and say what to do", async () => {
    await withFolder(async (folder) => {
      const root = join(folder, "storage");
      const python = await script(folder, "python", "echo 'ensurepip is not available' >&2; exit 1");
      const recipe = { python, wheel: "/nonexistent.whl", version: "0.1.0", ...quiet };
      await assert.rejects(makeEnvironment(root, recipe), /sudo apt install python3-venv/);
      assert.deepEqual(await readdir(root), []);
    });
  });

  it("cannot be made where nothing can be written", async () => {
    await withFolder(async (folder) => {
      const blocked = join(folder, "file");
      await writeFile(blocked, "");
      const recipe = { python: "/bin/false", wheel: "/nonexistent.whl", version: "0.1.0", ...quiet };
      await assert.rejects(makeEnvironment(join(blocked, "storage"), recipe), /The extension's storage failed/);
    });
  });

  it("leave nothing behind when they are cancelled", async () => {
    await withFolder(async (folder) => {
      const root = join(folder, "storage");
      const python = best(await findPythons([]));
      assert.ok(python);
      const cancel = new AbortController();
      const onStep = (): void => {
        cancel.abort();
      };
      const recipe = { python: python.path, wheel: "/nonexistent.whl", version: "0.1.0", ...quiet };
      await assert.rejects(makeEnvironment(root, { ...recipe, signal: cancel.signal, onStep }));
      assert.deepEqual(await readdir(root), []);
    });
  });

  it("hold a server that runs, made from the wheel that the extension brings", async function () {
    // Needs the wheel (scripts/build_extension.sh) and its libraries: PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER.
    const wheel = await bundledWheel(vscode.extensions.getExtension("proactive-lsp.proactive-lsp")!.extensionPath).catch(() => undefined);
    if (wheel === undefined || process.env.PIP_FIND_LINKS === undefined) this.skip();
    this.timeout(300_000);
    await withFolder(async (folder) => {
      const root = join(folder, "a folder with blanks");
      const python = best(await findPythons([]));
      assert.ok(python);
      const steps: string[] = [];
      const onStep = (step: string): void => void steps.push(step);
      const recipe = { python: python.path, wheel: wheel.path, version: wheel.version, ...quiet, onStep };
      const made = await makeEnvironment(root, recipe);
      assert.equal(steps.length, 3);
      assert.deepEqual(await environments(root), [made]);
      assert.equal(await askVersion(programOf(made)), wheel.version);
    });
  });
});
