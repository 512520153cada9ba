// Versions, coalescing, counting of crashes, and the words for what went wrong: plain values in, plain values out.

import * as assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { Coalescer } from "../../src/server/coalesce";
import { CRASHES, Crashes, PERIOD } from "../../src/server/crashes";
import { pythonProblem, sentence } from "../../src/server/problems";
import { best, parsePython, type Python } from "../../src/server/python";
import { compareVersions, isTooOld, parseVersion } from "../../src/server/version";
import { wheelVersion } from "../../src/server/wheel";

describe("A version", () => {
  it("is read out of what programs print", () => {
    assert.deepEqual(parseVersion("0.1.0"), [0, 1, 0]);
    assert.deepEqual(parseVersion("proactive 1.12.3rc1"), [1, 12, 3]);
    assert.deepEqual(parseVersion("Python 3.11"), [3, 11, 0]);
    assert.equal(parseVersion("command not found"), undefined);
  });

  it("is compared place by place, as numbers", () => {
    assert.ok(compareVersions([0, 9, 0], [0, 10, 0]) < 0);
    assert.ok(compareVersions([3, 11], [3, 11, 1]) < 0);
    assert.equal(compareVersions([3, 11], [3, 11, 0]), 0);
  });

  it("of a server is too old from an older minor version on", () => {
    assert.ok(isTooOld("0.1.9", "0.2.0"));
    assert.ok(!isTooOld("0.2.0", "0.2.5"));
    assert.ok(!isTooOld("0.10.0", "0.9.0"));
    assert.ok(!isTooOld("unknown", "0.9.0"));
  });

  it("of a wheel is in its name", () => {
    assert.equal(wheelVersion("proactive_lsp-0.2.0rc1-py3-none-any.whl"), "0.2.0rc1");
    assert.equal(wheelVersion("attrs-26.1.0-py3-none-any.whl"), undefined);
  });
});

describe("Requests to run", () => {
  it("that come in quick succession make one run, with all reasons", async () => {
    const runs: (readonly string[])[] = [];
    const coalescer = new Coalescer((reasons) => Promise.resolve(void runs.push(reasons)), 20);
    await Promise.all(["a", "b", "a"].map((reason) => coalescer.request(reason)));
    assert.deepEqual(runs, [["a", "b"]]);
  });

  it("during a run wait for its end, and make one more", async () => {
    const log: string[] = [];
    let open = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const coalescer = new Coalescer(async (reasons) => {
      log.push(`begin ${reasons.join()}`);
      if (reasons.includes("first")) await gate;
      log.push(`end ${reasons.join()}`);
    }, 1);
    const first = coalescer.request("first");
    while (log.length === 0) await sleep(1);
    const others = [coalescer.request("second"), coalescer.request("third")];
    await sleep(20); // ample for a second run to begin, if it did not wait
    assert.deepEqual(log, ["begin first"]);
    open();
    await Promise.all([first, ...others]);
    assert.deepEqual(log, ["begin first", "end first", "begin second,third", "end second,third"]);
  });

  it("tell their failure to who asked, and do not stand in the way of the next", async () => {
    let broken = true;
    const coalescer = new Coalescer(() => (broken ? Promise.reject(new Error("no")) : Promise.resolve()), 1);
    await assert.rejects(coalescer.request("one"), /no/);
    broken = false;
    await coalescer.request("two");
  });

  it("come to nothing once it is closed", async () => {
    let runs = 0;
    const coalescer = new Coalescer(() => Promise.resolve(runs++).then(() => undefined), 5);
    const asked = coalescer.request("one");
    await coalescer.close();
    await asked;
    await coalescer.request("two");
    assert.equal(runs, 0);
  });
});

describe("Crashes", () => {
  it("end the restarts when there are many in a short time", () => {
    const crashes = new Crashes();
    const answers = Array.from({ length: CRASHES }, (_, number) => crashes.mayRestart(number * 1000));
    assert.deepEqual(answers, [true, true, true, false]);
  });

  it("long ago do not count, nor those before a start that the user asked for", () => {
    const crashes = new Crashes();
    for (let number = 0; number < 10; number++) assert.ok(crashes.mayRestart(number * PERIOD));
    const others = new Crashes();
    for (let number = 1; number < CRASHES; number++) others.mayRestart(0);
    others.forget();
    assert.ok(others.mayRestart(0));
  });
});

describe("A Python", () => {
  const python = (version: number[], more: Partial<Python> = {}): Python => {
    return { path: `/p${version.join(".")}`, version, isFinal: true, hasVenv: true, ...more };
  };

  it("is read from the probe's answer, and from nothing else", () => {
    const found = parsePython('["/usr/bin/python3", [3, 11, 2], true, false]\n');
    assert.deepEqual(found, { path: "/usr/bin/python3", version: [3, 11, 2], isFinal: true, hasVenv: false });
    for (const other of ["", "Python was not found", "null", "{}", '[null, [3], true, true]']) {
      assert.equal(parsePython(other), undefined, other);
    }
  });

  it("is best when it can make environments, is proven, final and new", () => {
    assert.equal(best([python([3, 9, 2]), python([3, 10, 0])]), undefined);
    assert.equal(best([python([3, 11, 2]), python([3, 13, 1])])?.path, "/p3.13.1");
    assert.equal(best([python([3, 11, 2]), python([3, 13, 1], { hasVenv: false })])?.path, "/p3.11.2");
    assert.equal(best([python([3, 12, 0]), python([3, 15, 0])])?.path, "/p3.12.0");
    assert.equal(best([python([3, 13, 0]), python([3, 14, 0], { isFinal: false })])?.path, "/p3.13.0");
    assert.equal(best([python([3, 15, 0])])?.path, "/p3.15.0");
  });

  it("that does not serve is told with what to do", () => {
    assert.match(pythonProblem([]), /3\.11 or newer, and no Python was found; get one/);
    assert.match(pythonProblem([python([3, 8, 1]), python([3, 9, 2])]), /newest found is 3\.9\.2 \(\/p3\.9\.2\); get one/);
    assert.match(pythonProblem([python([3, 11, 2], { hasVenv: false })]), /sudo apt install python3\.11-venv/);
  });
});

describe("A failure of pip", () => {
  const CASES: readonly (readonly [string, RegExp])[] = [
    ["ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device", /disk is full/],
    [
      "WARNING: Retrying after connection broken by 'NewConnectionError: Failed to establish a new connection: " +
        "[Errno -3] Temporary failure in name resolution'\nERROR: No matching distribution found for attrs>=24.2",
      /index cannot be reached/,
    ],
    ["SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED]", /certificate/],
    ["ERROR: No matching distribution found for attrs>=24.2", /no 'attrs' that fits/],
    ["The virtual environment was not created successfully because ensurepip is not available.", /python3-venv/],
    ["/usr/bin/python3: No module named venv", /python3-venv/],
    ["error: [Errno 13] Permission denied: '/home/x'", /permission/],
    ["ERROR: Package 'proactive-lsp' requires a different Python: 3.10.1 not in '>=3.11'", /needs Python 3\.11/],
    ["Building wheel\nERROR: Failed building wheel for numpy\n\n", /pip failed \(ERROR: Failed building wheel for numpy\)/],
    ["", /pip failed \(no output\)/],
  ];
  for (const [output, expected] of CASES) {
    it(`reads: ${output.slice(0, 60) || "(no output)"}`, () => {
      assert.match(sentence("pip", output), expected);
    });
  }
});
