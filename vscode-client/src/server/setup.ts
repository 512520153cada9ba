// Sets a server up where there is none: asks once, shows progress, can be cancelled, and says clearly what went wrong.

import { basename } from "node:path";
import * as vscode from "vscode";
import { log, reason } from "../log";
import { SECTION } from "../settings";
import { pythonProblem } from "./problems";
import { asCommand, asModule, askVersion } from "./program";
import { bundledWheel } from "./wheel";
import { carryOut, describe, findWays, type Way } from "./ways";

export interface SetUpContext {
  /** The extension's folder, where the wheel is. */
  readonly extension: string;
  /** The folder of the private environments. */
  readonly storage: string;
  /** Folders out of which nothing is run. */
  readonly avoid: () => readonly string[];
  /** Has the server looked for and started anew. */
  readonly restart: (why: string) => Promise<void>;
}

const SET_UP = "Set Up";
const CHOOSE = "Choose…";
const NOT_NOW = "Not Now";
const TRY_AGAIN = "Try Again";
const SHOW_LOG = "Show Log";

export class SetUp {
  /** Whether the user has been asked in this session; once is enough. */
  private asked = false;
  private busy = false;
  private readonly cancellation = new AbortController();

  constructor(private readonly context: SetUpContext) {}

  /** Ask, at most once in a session, whether to set one up; `problem` is a sentence on what is missing. */
  async offer(problem: string): Promise<void> {
    const wish = vscode.workspace.getConfiguration(SECTION).get<string>("server.setUp", "ask");
    if (wish === "never" || this.asked || this.busy) return;
    this.asked = true;
    const { ways, pythons } = await findWays(this.context.avoid());
    const [way] = ways;
    if (way === undefined) {
      const answer = await vscode.window.showWarningMessage(pythonProblem(pythons), CHOOSE, NOT_NOW);
      if (answer === CHOOSE) await this.choose();
      return;
    }
    const how = describe(way, this.context.storage);
    const question = `${problem.replace(/\.$/, "")}: set it up ${how}, with libraries from your package index?`;
    const answer = await vscode.window.showInformationMessage(question, SET_UP, CHOOSE, NOT_NOW);
    if (answer === SET_UP) await this.go(way);
    if (answer === CHOOSE) await this.choose();
  }

  /** Let the user choose among all ways to get a server. */
  async choose(): Promise<void> {
    if (this.busy) {
      void vscode.window.showInformationMessage("The server is being set up already.");
      return;
    }
    const { ways, pythons } = await findWays(this.context.avoid());
    const items: (vscode.QuickPickItem & { readonly action: () => Promise<void> })[] = ways.map((way) => ({
      label: way.kind === "private" ? "$(package) Private environment" : `$(tools) ${way.tool.name}`,
      detail: `Set the server up ${describe(way, this.context.storage)}`,
      action: () => this.go(way),
    }));
    items.push(
      {
        label: "$(file-binary) A server that you have…",
        detail: "Choose the program 'proactive', or a Python in which it is installed",
        action: () => this.pick(),
      },
      {
        label: "$(search) Look again",
        detail: "In the Python environment, on PATH, and where uv and pipx put programs",
        action: () => this.context.restart("looking for the server again"),
      },
    );
    const placeHolder = ways.length > 0 ? "How to get the server" : pythonProblem(pythons);
    const chosen = await vscode.window.showQuickPick(items, { title: "Proactive: Set Up Server", placeHolder });
    await chosen?.action();
  }

  /** Make a private environment of the extension's own version, while an older one serves; quiet unless it fails. */
  async update(version: string): Promise<void> {
    if (this.busy) return;
    const { ways } = await findWays(this.context.avoid());
    const way = ways.find((one) => one.kind === "private");
    if (way === undefined) return;
    const problem = await this.attempt(way, vscode.ProgressLocation.Window, "updating the server");
    if (problem === undefined || problem === "") return;
    void vscode.window.showWarningMessage(`The server was not updated, and version ${version} goes on. ${problem}`);
  }

  /** End whatever is under way. */
  dispose(): void {
    this.cancellation.abort();
  }

  private async go(way: Way): Promise<void> {
    const problem = await this.attempt(way, vscode.ProgressLocation.Notification, "setting up the server");
    if (problem === undefined || problem === "") return;
    const answer = await vscode.window.showErrorMessage(problem, TRY_AGAIN, CHOOSE, SHOW_LOG);
    if (answer === TRY_AGAIN) await this.go(way);
    if (answer === CHOOSE) await this.choose();
    if (answer === SHOW_LOG) log.show(true);
  }

  /** Go a way with progress; undefined if it led to a server, else a sentence, which is empty after a cancellation. */
  private async attempt(way: Way, location: vscode.ProgressLocation, doing: string): Promise<string | undefined> {
    if (this.busy) return "";
    this.busy = true;
    const options = { location, title: `Proactive: ${doing}`, cancellable: true };
    try {
      await vscode.window.withProgress(options, async (progress, token) => {
        const cancel = new AbortController();
        token.onCancellationRequested(() => {
          cancel.abort();
        });
        const signal = AbortSignal.any([cancel.signal, this.cancellation.signal]);
        try {
          await carryOut(
            way,
            await bundledWheel(this.context.extension),
            this.context.storage,
            signal,
            (step) => {
              log.info(`${doing}: ${step}`);
              progress.report({ message: step });
            },
            (line) => {
              log.info(line);
            },
          );
        } catch (error) {
          throw signal.aborted ? new Cancelled() : error;
        }
      });
    } catch (error) {
      if (error instanceof Cancelled) {
        log.info(`${doing}: cancelled`);
        return "";
      }
      log.error(`${doing}: ${reason(error)}`);
      return reason(error);
    } finally {
      this.busy = false;
    }
    await this.context.restart("the server was set up");
    return undefined;
  }

  private async pick(): Promise<void> {
    const [file] = (await vscode.window.showOpenDialog({ title: "The server's program, or its Python" })) ?? [];
    if (file === undefined) return;
    const make = /^python[\d.]*(\.exe)?$/i.test(basename(file.fsPath)) ? asModule : asCommand;
    const program = make(file.fsPath, "your choice");
    if ((await askVersion(program)) === undefined) {
      void vscode.window.showErrorMessage(`'${file.fsPath}' does not run Proactive's server; choose another program.`);
      return;
    }
    const command = [program.command, ...program.args];
    // The change of this setting starts it.
    await vscode.workspace
      .getConfiguration(SECTION)
      .update("server.command", command, vscode.ConfigurationTarget.Global);
  }
}

class Cancelled extends Error {}
