// Real programs: run with a limit, found in folders, asked for their version, chosen by it.

import * as assert from "node:assert/strict";
import { mkdir, readFile, symlink } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { choose, locate } from "../../src/server/locate";
import { asCommand, askVersion, asModule, type Program, versionCommand } from "../../src/server/program";
import { findPythons, isNewEnough } from "../../src/server/python";
import { endAll, run } from "../../src/server/run";
import { findWays } from "../../src/server/ways";
import { isInside, pathFolders, which } from "../../src/server/which";
import { script, until, withFolder } from "./support";

async function withPath<T>(path: string, use: () => Promise<T>): Promise<T> {
  const { PATH, HOME } = process.env;
  process.env.PATH = path;
  process.env.HOME = "/nonexistent";
  try {
    return await use();
  } finally {
    process.env.PATH = PATH;
    process.env.HOME = HOME;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("A program that is run", () => {
  it("tells its code and output, line by line", async () => {
    const lines: string[] = [];
    const onLine = (line: string): void => void lines.push(line);
    const outcome = await run("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"], { seconds: 30, onLine });
    assert.equal(outcome.code, 3);
    assert.equal(outcome.out, "out\n");
    assert.deepEqual(lines.sort(), ["err", "out"]);
  });

  it("that does not exist is no exception", async () => {
    const outcome = await run("/nonexistent/program", [], { seconds: 30 });
    assert.equal(outcome.code, null);
    assert.match(outcome.all, /ENOENT/);
  });

  const ways: readonly (readonly [string, (cancel: AbortController) => void, number])[] = [
    ["takes too long", (): void => undefined, 0.5],
    ["is cancelled", (cancel): void => void setTimeout(() => { cancel.abort(); }, 100), 60],
    ["is left over at the end", (): void => void setTimeout(endAll, 100), 60],
  ];
  for (const [when, act, seconds] of ways) {
    it(`ends with all that it started when it ${when}`, async () => {
      await withFolder(async (folder) => {
        const file = join(folder, "pid");
        const cancel = new AbortController();
        act(cancel);
        const command = `sleep 1000 & echo $! > '${file}'; wait`;
        const outcome = await run("/bin/sh", ["-c", command], { seconds, signal: cancel.signal });
        assert.equal(outcome.code, null);
        const pid = await readFile(file, "utf-8").catch(() => "");
        if (pid !== "") await until(() => !isAlive(Number(pid)), "the end of what it started");
      });
    });
  }
});

describe("Looking for a program", () => {
  it("takes the first that can be run, in the folders' order", async () => {
    await withFolder(async (folder) => {
      const [a, b] = [join(folder, "a"), join(folder, "b")];
      await mkdir(join(a, "tool"), { recursive: true }); // a folder of that name is no program
      await mkdir(b);
      const path = await script(b, "tool", "exit 0");
      assert.equal(await which("tool", [a, b]), path);
      assert.equal(await which("tool", [a]), undefined);
    });
  });

  it("takes nothing out of a folder to avoid, not even through a link", async () => {
    await withFolder(async (folder) => {
      const [workspace, bin] = [join(folder, "workspace"), join(folder, "bin")];
      await mkdir(workspace);
      await mkdir(bin);
      const path = await script(workspace, "tool", "exit 0");
      await symlink(path, join(bin, "tool"));
      assert.equal(await which("tool", [workspace, bin], [workspace]), undefined);
      assert.equal(await which("tool", [bin]), join(bin, "tool"));
    });
  });

  it("passes over relative folders on PATH, which mean the current one", () => {
    assert.deepEqual(pathFolders(["/usr/bin", "", ".", "bin", "/bin"].join(delimiter)), ["/usr/bin", "/bin"]);
  });

  it("knows what lies inside of a folder", () => {
    assert.ok(isInside("/work/a/b", "/work/a"));
    assert.ok(isInside("/work/a", "/work/a"));
    assert.ok(isInside("/work/a/..b", "/work/a"));
    assert.ok(!isInside("/work/ab", "/work/a"));
    assert.ok(!isInside("/work", "/work/a"));
  });
});

describe("A server's program", () => {
  it("is asked for its version in the way in which it is started", () => {
    assert.deepEqual(versionCommand(asCommand("proactive", "PATH")), ["--version"]);
    assert.deepEqual(versionCommand(asModule("python", "")), ["-P", "-m", "proactive_server", "--version"]);
    assert.equal(versionCommand({ command: "start-it", args: [], from: "" }), undefined);
  });

  it("is believed only if it prints a version and nothing else", async () => {
    await withFolder(async (folder) => {
      const good = await script(folder, "good", 'test "$*" = --version && echo 0.3.0');
      const chatty = await script(folder, "chatty", "echo Usage: see 1.0.0");
      const broken = await script(folder, "broken", "echo 0.3.0; exit 1");
      assert.equal(await askVersion(asCommand(good, "")), "0.3.0");
      assert.equal(await askVersion(asCommand(chatty, "")), undefined);
      assert.equal(await askVersion(asCommand(broken, "")), undefined);
    });
  });
});

describe("The server to start", () => {
  const versions: Record<string, string | undefined> = { broken: undefined, old: "0.1.0", fit: "0.2.1", other: "0.2.0" };
  const ask = (program: Program): Promise<string | undefined> => Promise.resolve(versions[program.command]);
  const among = async function* (...programs: (string | Program)[]): AsyncGenerator<Program> {
    for (const one of programs) yield await Promise.resolve(typeof one === "string" ? asCommand(one, one) : one);
  };
  const find = (...programs: (string | Program)[]): ReturnType<typeof choose> =>
    choose(among(...programs), "0.2.3", ask, () => undefined);

  it("is the first that runs and is new enough", async () => {
    const found = await find("broken", "old", "fit", "other");
    assert.ok(found.kind === "found");
    assert.equal(found.program.command, "fit");
    assert.equal(found.version, "0.2.1");
  });

  it("is missing where none runs, and is told to be old where one is", async () => {
    const none = await find("broken");
    assert.ok(none.kind === "missing");
    assert.match(none.problem, /not installed/);
    const old = await find("broken", "old");
    assert.ok(old.kind === "missing");
    assert.match(old.problem, /\(old\) is version 0\.1\.0, older than this extension needs \(0\.2\.3\)/);
  });

  it("may be old in the extension's own environment, which is updated while it serves", async () => {
    const found = await find({ ...asCommand("old", "own"), environment: "/storage/server-0.1.0" });
    assert.equal(found.kind, "found");
  });

  it("is looked for in the chosen Python, then on PATH, but not in folders to avoid", async () => {
    await withFolder(async (folder) => {
      const [bin, workspace] = [join(folder, "bin"), join(folder, "workspace")];
      await mkdir(bin);
      await mkdir(workspace);
      const python = await script(folder, "python", '[ "$*" = "-P -m proactive_server --version" ] && echo 9.0.0');
      const onPath = await script(bin, "proactive", "echo 9.0.0");
      await script(workspace, "proactive", "echo 9.0.0");
      const around = { command: [], version: "9.0.0", storage: join(folder, "storage"), note: (): void => undefined };
      const place = async (chosen: string | undefined, path: string, avoid: string[]): Promise<string | undefined> => {
        const look = { ...around, avoid, activePython: () => Promise.resolve(chosen) };
        const found = await withPath(path, () => locate(look));
        return found.kind === "found" ? found.program.command : undefined;
      };
      const path = [workspace, bin].join(delimiter);
      assert.equal(await place(python, path, []), python);
      assert.equal(await place(undefined, path, []), join(workspace, "proactive"));
      assert.equal(await place(undefined, path, [workspace]), onPath);
      assert.equal(await place(undefined, workspace, [workspace]), undefined);
    });
  });

  it("is found where uv and pipx put programs, though that is not on PATH", async () => {
    await withFolder(async (folder) => {
      for (const [tool, words] of [["uv", "tool dir --bin"], ["pipx", "environment --value PIPX_BIN_DIR"]] as const) {
        const [bin, theirs] = [join(folder, tool), join(folder, `${tool}-bin`)];
        await mkdir(bin);
        await mkdir(theirs);
        await script(bin, tool, `[ "$*" = "${words}" ] && echo '${theirs}'`);
        const command = await script(theirs, "proactive", "echo 9.0.0");
        const activePython = (): Promise<undefined> => Promise.resolve(undefined);
        const note = (): void => undefined;
        const around = { command: [], version: "9.0.0", storage: folder, note, avoid: [], activePython };
        const found = await withPath([bin, "/bin"].join(delimiter), () => locate(around));
        assert.ok(found.kind === "found", tool);
        assert.equal(found.program.command, command);
        assert.equal(found.program.from, tool);
      }
    });
  });

  it("is what the setting names, and a name that leads nowhere is told", async () => {
    const note = (): void => undefined;
    const activePython = (): Promise<never> => Promise.reject(new Error("must not be asked"));
    const around = { version: "9.0.0", storage: "/nonexistent", note, avoid: [], activePython };
    const found = await locate({ ...around, command: ["/bin/sh", "-c", "true"] });
    assert.ok(found.kind === "found");
    assert.deepEqual([found.program.command, ...found.program.args], ["/bin/sh", "-c", "true"]);
    for (const name of ["/nonexistent/proactive", "./proactive", "no-such-program-anywhere"]) {
      const wrong = await locate({ ...around, command: [name] });
      assert.ok(wrong.kind === "wrong", name);
      assert.match(wrong.problem, /proactive\.server\.command names .*; correct the setting or empty it/);
    }
  });
});

describe("The machine's Pythons", () => {
  it("are found and asked, and one of them can make an environment", async () => {
    const pythons = await findPythons([]);
    assert.ok(pythons.some(isNewEnough), JSON.stringify(pythons));
    const { ways } = await findWays([]);
    assert.ok(ways.some((way) => way.kind === "private"));
  });
});
