// The server as the extension has it: found, set up on demand, started, and kept up to date.

import { join } from "node:path";
import * as vscode from "vscode";
import type { Health } from "../connection";
import { log, reason } from "../log";
import { onSettings, SECTION } from "../settings";
import { activePython, onDidChangeActivePython } from "./activePython";
import { ServerClient } from "./client";
import { Coalescer } from "./coalesce";
import { claim, environments, release, tidy } from "./environment";
import { type Located, locate } from "./locate";
import { endAll } from "./run";
import { SetUp } from "./setup";
import { isTooOld } from "./version";
import { bundledWheel } from "./wheel";

/** Milliseconds in which several changes of the Python environment are one. */
const SETTLED = 1_000;

export interface Server {
  readonly connection: ServerClient;
  /** Begin to look for a server and start it. */
  start(): void;
  /** End everything that was started; takes two seconds at most. */
  stop(): Promise<void>;
}

/** Ties the parts together and registers the server's commands. */
export function serve(context: vscode.ExtensionContext): Server {
  const version = (context.extension.packageJSON as { version: string }).version;
  const storage = join(context.globalStorageUri.fsPath, "server");
  const claimed = new Set<string>();

  const find = async (): Promise<Located> => {
    const command = vscode.workspace.getConfiguration(SECTION).get<string[]>("server.command", []);
    const note = (line: string): void => {
      log.info(line);
    };
    const found = await locate({ command, version, activePython, avoid: avoid(), storage, note });
    const environment = found.kind === "found" ? found.program.environment : undefined;
    if (environment !== undefined && !claimed.has(environment)) {
      claimed.add(environment);
      await claim(environment).catch(logged);
    }
    return found;
  };

  const connection = new ServerClient(find);
  const restart = (why: string): Promise<void> => connection.restart(why);
  const setUp = new SetUp({ extension: context.extensionPath, storage, avoid, restart });
  const moves = new Coalescer(([why = ""]) => connection.restartIfMoved(why), SETTLED);
  const lookAgain = (why: string): void => {
    moves.request(why).catch(logged);
  };

  const releaseAllBut = async (kept: string | undefined): Promise<void> => {
    for (const folder of claimed) {
      if (folder === kept) continue;
      claimed.delete(folder);
      await release(folder);
    }
  };

  const keepUpToDate = async (running: string): Promise<void> => {
    const folder = connection.program?.environment;
    await releaseAllBut(folder);
    if (folder === undefined) {
      if (isTooOld(running, version)) {
        const text = `Proactive's server is version ${running}, older than this extension needs (${version}); update it.`;
        void vscode.window.showWarningMessage(text);
      }
      return;
    }
    const wheel = await bundledWheel(context.extensionPath).catch(() => undefined);
    const made = await environments(storage);
    const current = made.find((one) => one.folder === folder);
    if (wheel === undefined || current?.version === wheel.version) {
      for (const gone of await tidy(storage, folder)) log.info(`removed ${gone}`);
    } else if (made.some((one) => one.version === wheel.version)) {
      await connection.restartIfMoved("it was updated in another window");
    } else if (vscode.workspace.getConfiguration(SECTION).get<string>("server.setUp") !== "never") {
      await setUp.update(running);
    }
  };

  const onHealth = (health: Health): void => {
    if (health.kind === "missing") setUp.offer(health.problem).catch(logged);
    if (health.kind === "failed") tellFailure(health.problem);
    if (health.kind === "running") keepUpToDate(health.version).catch(logged);
  };

  let python = onDidChangeActivePython(() => {
    lookAgain("another Python environment was chosen");
  });
  const subscriptions = vscode.Disposable.from(
    connection.onDidChangeHealth(onHealth),
    onSettings("server.command", () => {
      restart("the setting proactive.server.command changed").catch(logged);
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      python.dispose();
      python = onDidChangeActivePython(() => {
        lookAgain("another Python environment was chosen");
      });
      lookAgain("the workspace is trusted now");
    }),
    vscode.commands.registerCommand("proactive.setUpServer", () => setUp.choose()),
    vscode.commands.registerCommand("proactive.restartServer", () => restart("the user asked for it")),
    vscode.commands.registerCommand("proactive.showLog", () => {
      log.show(true);
    }),
  );

  const stop = async (): Promise<void> => {
    subscriptions.dispose();
    python.dispose();
    setUp.dispose();
    endAll();
    await connection.close();
    await releaseAllBut(undefined);
  };
  return {
    connection,
    start: () => {
      restart("the editor has started").catch(logged);
    },
    stop,
  };
}

/** The folders of an untrusted workspace: nothing in them is run. */
function avoid(): string[] {
  if (vscode.workspace.isTrusted) return [];
  return (vscode.workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
}

function tellFailure(problem: string): void {
  const buttons = ["Restart", "Show Log", ...(problem.includes("setting") ? ["Open Settings"] : [])];
  void vscode.window.showErrorMessage(`Proactive: ${problem}`, ...buttons).then((answer) => {
    if (answer === "Restart") void vscode.commands.executeCommand("proactive.restartServer");
    if (answer === "Show Log") log.show(true);
    if (answer === "Open Settings") {
      void vscode.commands.executeCommand("workbench.action.openSettings", `${SECTION}.server.command`);
    }
  });
}

function logged(error: unknown): void {
  log.error(reason(error));
}
