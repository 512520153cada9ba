// Which document is in front, whether something is selected, and whether somebody is there.

import * as assert from "node:assert";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import { focus } from "../../src/sources/focus";
import { idle } from "../../src/sources/idle";
import { selection } from "../../src/sources/selection";
import { Recorder } from "./recorder";
import { closeEditors, makeFolder, open, remove, top } from "./support";

describe("a document in front", () => {
  let folder: string;
  let recorder: Recorder;

  beforeEach(() => {
    folder = makeFolder({ "a.json": "{}\n", "b.json": "{}\n", "c.json": "{}\n" });
  });

  afterEach(async () => {
    await closeEditors();
    remove(folder);
    recorder.close();
  });

  it("is told with workspace and language, once, and only if it stays", async () => {
    recorder = new Recorder(focus);
    const uris = ["a.json", "b.json", "c.json"].map((name) => vscode.Uri.file(join(folder, name)));
    await open(uris[0]!.fsPath);
    await recorder.first("document.focused");
    assert.deepStrictEqual(recorder.reports, [
      {
        kind: "document.focused",
        where: { uri: uris[0]!.toString(), workspace: top().uri.toString(), language: "json" },
        data: {},
      },
    ]);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument({ content: "new" }));
    await open(uris[0]!.fsPath);
    await open(uris[2]!.fsPath);
    await recorder.first("document.focused", ({ where }) => where?.uri === uris[2]!.toString());
    const names = recorder.reports.map(({ where }) => where?.uri);
    assert.deepStrictEqual(names, [uris[0]!.toString(), uris[2]!.toString()]);
    recorder.restarted();
    await recorder.first("document.focused", (event) => recorder.reports.indexOf(event) === 2);
  });

  it("has a selection or has none; where a person types, nothing is told", async () => {
    const editor = await open(join(folder, "a.json"));
    recorder = new Recorder(selection);
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 1), " ");
    });
    editor.selection = new vscode.Selection(0, 1, 0, 1);
    await delay(400); // longer than a selection has to last
    assert.deepStrictEqual(recorder.reports, []);
    editor.selections = [new vscode.Selection(0, 0, 0, 0), new vscode.Selection(0, 1, 0, 2)];
    await recorder.first("selection.changed", ({ data }) => data.selecting === true);
    editor.selection = new vscode.Selection(0, 0, 0, 2);
    await delay(400);
    editor.selection = new vscode.Selection(0, 2, 0, 2);
    await recorder.first("selection.changed", ({ data }) => data.selecting === false);
    assert.deepStrictEqual(
      recorder.of("selection.changed").map(({ data, where }) => [data, where?.uri, where?.range]),
      [true, false].map((selecting) => [{ selecting }, editor.document.uri.toString(), undefined]),
    );
  });

  it("that is left takes its selection with it", async () => {
    const editor = await open(join(folder, "a.json"));
    recorder = new Recorder(selection);
    editor.selection = new vscode.Selection(0, 0, 0, 2);
    await recorder.first("selection.changed", ({ data }) => data.selecting === true);
    await open(join(folder, "b.json"));
    await recorder.first("selection.changed", ({ data }) => data.selecting === false);
  });
});

describe("a pause", () => {
  let folder: string;
  let recorder: Recorder;

  beforeEach(() => {
    folder = makeFolder({ "a.txt": "text\n" });
  });

  afterEach(async () => {
    await closeEditors();
    remove(folder);
    recorder.close();
  });

  it("begins after some time without a sign, and ends with the next", async () => {
    const editor = await open(join(folder, "a.txt"));
    recorder = new Recorder((connection) => idle(connection, 3000, () => false));
    const begun = Date.now();
    for (let count = 0; count < 10; count += 1) {
      await delay(350);
      await editor.edit((edit) => {
        edit.insert(new vscode.Position(0, 0), "x");
      });
    }
    assert.deepStrictEqual(recorder.reports, [], `after ${Date.now() - begun} ms`);
    await recorder.first("idle.began");
    await delay(300);
    await editor.edit((edit) => {
      edit.insert(new vscode.Position(0, 0), "x");
    });
    const { data } = await recorder.first("idle.ended");
    assert.ok(data.seconds >= 3.2 && data.seconds < 60, `${data.seconds} s`);
    assert.deepStrictEqual(
      recorder.reports.map(({ kind }) => kind),
      ["idle.began", "idle.ended"],
    );
    await recorder.first("idle.began", (event) => recorder.reports.indexOf(event) === 2);
  });

  it("does not begin while keys or mouse are seen that lead to no event", async () => {
    let isActive = true;
    recorder = new Recorder((connection) => idle(connection, 300, () => isActive));
    await delay(1000);
    assert.deepStrictEqual(recorder.reports, []);
    isActive = false;
    await recorder.first("idle.began");
  });
});
