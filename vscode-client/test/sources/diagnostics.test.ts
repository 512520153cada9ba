// Diagnostics, from a collection of the test's own.

import * as assert from "node:assert";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import * as vscode from "vscode";
import { diagnostics, MOST_ITEMS } from "../../src/sources/diagnostics";
import { Recorder } from "./recorder";
import { closeEditors, makeFolder, open, remove, top } from "./support";

describe("diagnostics", () => {
  let folder: string;
  let uri: vscode.Uri;
  let recorder: Recorder;
  let collection: vscode.DiagnosticCollection;

  beforeEach(() => {
    folder = makeFolder({ "a.txt": "s = '😀'; np\n" });
    uri = vscode.Uri.file(join(folder, "a.txt"));
    collection = vscode.languages.createDiagnosticCollection();
    recorder = new Recorder(diagnostics);
  });

  afterEach(async () => {
    collection.dispose();
    await closeEditors();
    remove(folder);
    recorder.close();
  });

  function mine(): { message: string }[][] {
    return recorder
      .of("diagnostics")
      .filter((event) => event.where?.uri === uri.toString())
      .map((event) => [...event.data.items]);
  }

  it("are told whole, in UTF-16, with codes that are objects", async () => {
    await open(uri.fsPath);
    const one = new vscode.Diagnostic(new vscode.Range(0, 10, 0, 12), '"np" is not defined');
    one.code = { value: "F821", target: vscode.Uri.parse("https://example.org/F821") };
    one.source = "ruff";
    const other = new vscode.Diagnostic(new vscode.Range(0, 0, 0, Infinity), "long", vscode.DiagnosticSeverity.Hint);
    other.code = 7;
    collection.set(uri, [other, one]);
    const event = await recorder.first("diagnostics", ({ where }) => where?.uri === uri.toString());
    assert.deepStrictEqual(event, {
      kind: "diagnostics",
      where: { uri: uri.toString(), workspace: top().uri.toString(), language: "plaintext" },
      data: {
        items: [
          { range: [0, 10, 0, 12], message: '"np" is not defined', severity: "error", code: "F821", tool: "ruff" },
          { range: [0, 0, 0, 2 ** 31 - 1], message: "long", severity: "hint", code: "7", tool: null },
        ],
      },
    });
  });

  it("of our own are left out, and an unchanged rest is no news", async () => {
    await open(uri.fsPath);
    const theirs = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), "theirs");
    const ours = new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), "ours", vscode.DiagnosticSeverity.Hint);
    ours.source = "proactive";
    collection.set(uri, [theirs]);
    await recorder.first("diagnostics");
    collection.set(uri, [theirs, ours]);
    await delay(500); // longer than changes are gathered
    collection.delete(uri);
    await recorder.first("diagnostics", ({ data }) => data.items.length === 0);
    assert.deepStrictEqual(mine().map((items) => items.map(({ message }) => message)), [["theirs"], []]);
  });

  it("that follow each other quickly are gathered, and the last ones are told", async () => {
    await open(uri.fsPath);
    const begun = Date.now();
    for (let count = 1; count <= 50; count += 1) {
      collection.set(uri, [new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), `number ${count}`)]);
      await delay(10);
    }
    await recorder.first("diagnostics", ({ data }) => data.items[0]?.message === "number 50");
    assert.ok(mine().length <= 1 + (Date.now() - begun) / 200, `${mine().length} reports`);
  });

  it("beyond some hundred are cut, errors first", async () => {
    await open(uri.fsPath);
    const range = new vscode.Range(0, 0, 0, 1);
    const { Warning } = vscode.DiagnosticSeverity;
    const warnings = Array.from({ length: 400 }, (_, index) => new vscode.Diagnostic(range, `w${index}`, Warning));
    collection.set(uri, [...warnings, new vscode.Diagnostic(range, "the error")]);
    const event = await recorder.first("diagnostics");
    assert.strictEqual(event.data.items.length, MOST_ITEMS);
    assert.strictEqual(event.data.items[0]?.message, "the error");
  });

  it("of a file that nobody has open are told when it is opened, and until they are gone", async () => {
    collection.set(uri, [new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), "early")]);
    await delay(500);
    assert.deepStrictEqual(mine(), []);
    await open(uri.fsPath);
    await recorder.first("diagnostics", ({ data }) => data.items[0]?.message === "early");
    await closeEditors();
    collection.clear();
    await recorder.first("diagnostics", ({ data }) => data.items.length === 0);
  });

  it("of a document that is no file are left out", async () => {
    const document = await vscode.workspace.openTextDocument({ content: "new" });
    collection.set(document.uri, [new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), "untitled")]);
    await open(uri.fsPath);
    collection.set(uri, [new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), "file")]);
    await recorder.first("diagnostics", ({ data }) => data.items[0]?.message === "file");
    assert.strictEqual(recorder.of("diagnostics").some(({ data }) => data.items[0]?.message === "untitled"), false);
  });

  it("are told again to a server that has just started", async () => {
    await open(uri.fsPath);
    collection.set(uri, [new vscode.Diagnostic(new vscode.Range(0, 0, 0, 1), "still")]);
    await recorder.first("diagnostics");
    recorder.reports.length = 0;
    recorder.restarted();
    await recorder.first("diagnostics", ({ data }) => data.items[0]?.message === "still");
  });
});
