// The extension as VS Code sees it: activated, with its commands, and with a server that answers.

import * as assert from "node:assert/strict";
import * as vscode from "vscode";

const ID = "proactive-lsp.proactive-lsp";

interface Contributions {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe("The extension", () => {
  const extension = vscode.extensions.getExtension(ID);

  it("is there and becomes active", async () => {
    assert.ok(extension);
    await extension.activate();
    assert.ok(extension.isActive);
  });

  it("registers every command that package.json names", async () => {
    const { contributes } = extension!.packageJSON as Contributions;
    const known = new Set(await vscode.commands.getCommands(true));
    const missing = contributes.commands.map(({ command }) => command).filter((command) => !known.has(command));
    assert.deepEqual(missing, []);
  });
});
