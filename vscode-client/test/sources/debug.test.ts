// The debugger: Node's, which comes with VS Code; and messages as other debuggers send them.

import * as assert from "node:assert";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import { debug } from "../../src/sources/debug";
import { type Stop, StopListener } from "../../src/sources/debugStop";
import { Recorder } from "./recorder";
import { closeEditors, makeFolder, remove, top, until } from "./support";

const PROGRAM = `function mean(values) {
  return total / values.length;
}

mean([1, 2]);
`;

describe("debug", () => {
  let folder: string;
  let recorder: Recorder;

  beforeEach(() => {
    folder = makeFolder({ "mean.js": PROGRAM });
    recorder = new Recorder(debug);
  });

  afterEach(async () => {
    await until(async () => {
      await Promise.race([vscode.debug.stopDebugging(), delay(1000)]);
      return vscode.debug.activeDebugSession === undefined;
    }, "the end of debugging");
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    await closeEditors();
    remove(folder);
    recorder.close();
  });

  /** Has Node stop where `mean` is called. */
  async function start(): Promise<string> {
    const program = join(folder, "mean.js");
    const place = new vscode.Location(vscode.Uri.file(program), new vscode.Position(4, 0));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place)]);
    const configuration = { type: "pwa-node", name: "mean", request: "launch", program, cwd: folder };
    // What other tests have left unsaved would be asked about first.
    const options = { suppressSaveBeforeStart: true };
    await vscode.debug.startDebugging(top(), { ...configuration, console: "internalConsole" }, options);
    return program;
  }

  it("tells of Node's stops, at a breakpoint and at an exception: where, and what it says", async () => {
    const uri = vscode.Uri.file(await start()).toString();
    const first = await recorder.first("debug.stopped");
    assert.deepStrictEqual(first.data, { reason: "breakpoint", message: null });
    assert.deepStrictEqual([first.where?.uri, first.where?.range?.[0]], [uri, 4]);
    const session = await until(() => vscode.debug.activeDebugSession, "the session");
    await session.customRequest("setExceptionBreakpoints", { filters: ["all", "uncaught"] });
    await vscode.commands.executeCommand("workbench.action.debug.continue");
    const { data, where } = await recorder.first("debug.stopped", (event) => event.data.reason === "exception");
    // The second where VS Code does not ask the debugger for more, as in a window that is not in front.
    assert.ok(["ReferenceError: total is not defined", "Paused on exception"].includes(data.message ?? ""), data.message ?? "");
    assert.strictEqual(where?.uri, uri);
    assert.strictEqual(where.workspace, top().uri.toString());
    assert.deepStrictEqual([where.range?.[0], where.range?.[2]], [1, 1]);
  });
});

describe("a debugger's stop", () => {
  let told: Stop[];
  let listener: StopListener;

  beforeEach(() => {
    told = [];
    listener = new StopListener(
      (path) => path.startsWith("/home/ada/app/"),
      (stop) => told.push(stop),
    );
  });

  function stop(body: object, hasInfo = false): void {
    const initialized = { supportsExceptionInfoRequest: hasInfo };
    listener.receive({ type: "response", request_seq: 1, command: "initialize", success: true, body: initialized });
    listener.receive({ type: "event", event: "stopped", body: { threadId: 1, ...body } });
  }

  function answer(seq: number, command: string, body: object, threadId = 1, startFrame = 0): void {
    listener.request({ type: "request", seq, command, arguments: { threadId, startFrame } });
    listener.receive({ type: "response", request_seq: seq, command, success: true, body });
  }

  it("is told with the innermost of the workspace's own frames, and with the exception", () => {
    stop({ reason: "exception", text: "paused" }, true);
    answer(2, "stackTrace", { stackFrames: [{ line: 1, column: 1, source: { path: "/home/ada/app/other.py" } }] }, 7);
    answer(3, "stackTrace", { stackFrames: [{ line: 190, column: 5, source: { path: "/usr/lib/numpy/core.py" } }] });
    answer(4, "exceptionInfo", { exceptionId: "ZeroDivisionError", description: "division by zero\nmore" });
    assert.deepStrictEqual(told, []);
    answer(5, "stackTrace", {
      stackFrames: [
        { line: 1, column: 1, source: { path: "/home/ada/app/made_up.py", sourceReference: 3 } },
        { line: 12, column: 9, source: { path: "/home/ada/app/stats.py" } },
      ],
    });
    const frame = { path: "/home/ada/app/stats.py", line: 11, character: 8 };
    assert.deepStrictEqual(told, [{ reason: "exception", message: "ZeroDivisionError: division by zero", frame }]);
  });

  it("is where it is, though VS Code asks for the frames further out before", () => {
    const own = (line: number) => ({ line, column: 1, source: { path: "/home/ada/app/stats.py" } });
    const line = () => told.pop()?.frame?.line;
    stop({ reason: "breakpoint" });
    answer(2, "stackTrace", { stackFrames: [own(5)] }, 1, 1); // as at the stop before, of which it knew one frame
    assert.strictEqual(line(), undefined);
    answer(3, "stackTrace", { stackFrames: [own(2)] });
    assert.strictEqual(line(), 1);

    stop({ reason: "breakpoint" });
    answer(4, "stackTrace", { stackFrames: [{ line: 9, column: 1, source: { path: "/usr/lib/numpy/core.py" } }] });
    assert.strictEqual(line(), undefined);
    answer(5, "stackTrace", { stackFrames: [own(7)] }, 1, 1);
    assert.strictEqual(line(), 6);

    stop({ reason: "breakpoint" });
    answer(6, "stackTrace", { stackFrames: [own(5)] }, 1, 1);
    listener.end(); // nothing nearer came
    assert.strictEqual(line(), 4);
  });

  it("is told as the debugger says it where nothing else is known, once it goes on", () => {
    stop({ reason: "exception", description: "Paused on panic", text: "index out of range" });
    listener.receive({ type: "event", event: "continued" });
    assert.deepStrictEqual(told, [{ reason: "exception", message: "index out of range", frame: undefined }]);
  });

  it("is told after a while even if nobody asks about it", async () => {
    stop({ reason: "function breakpoint", description: "Paused" });
    assert.deepStrictEqual(told, []);
    await until(() => told.length > 0, "the stop");
    assert.deepStrictEqual(told, [{ reason: "breakpoint", message: null, frame: undefined }]);
  });

  it("by the person's own hand is not told", () => {
    for (const reason of ["step", "pause", "entry", "goto"]) stop({ reason });
    listener.end();
    assert.deepStrictEqual(told, []);
  });
});
