// The Python environment that the user has chosen in the Python extension, asked through its API.

import * as vscode from "vscode";
import { log, reason } from "../log";

/** Milliseconds that the Python extension has to answer in; it searches the disk at its start. */
const PATIENCE = 5_000;

const ENVIRONMENTS = "ms-python.vscode-python-envs";
const PYTHON = "ms-python.python";

/** What is used of the API of each. */
interface EnvironmentsApi {
  getEnvironment(scope: vscode.Uri | undefined): Promise<{ execInfo?: { run?: { executable?: string } } } | undefined>;
  onDidChangeEnvironment?: vscode.Event<unknown>;
}

interface PythonApi {
  environments?: {
    getActiveEnvironmentPath(resource?: vscode.Uri): { path: string };
    resolveEnvironment(environment: { path: string }): Promise<{ executable: { uri?: vscode.Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath?: vscode.Event<unknown>;
  };
}

/** The interpreter chosen for the first folder; undefined without the Python extension, or in an untrusted workspace. */
export async function activePython(): Promise<string | undefined> {
  if (!vscode.workspace.isTrusted) return undefined;
  const scope = vscode.workspace.workspaceFolders?.[0]?.uri;
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      log.info("the Python extension has not answered yet; going on without it");
      resolve(undefined);
    }, PATIENCE);
  });
  try {
    return await Promise.race([ask(scope), limit]);
  } catch (error) {
    log.info(`the Python extension could not be asked: ${reason(error)}`);
    return undefined;
  } finally {
    clearTimeout(timer);
  }
}

/** Calls back when the user chooses another environment. */
export function onDidChangeActivePython(listener: () => void): vscode.Disposable {
  const subscriptions: vscode.Disposable[] = [];
  let over = false;
  const follow = async (): Promise<void> => {
    const [environments, python] = await Promise.all([api<EnvironmentsApi>(ENVIRONMENTS), api<PythonApi>(PYTHON)]);
    const events = [environments?.onDidChangeEnvironment, python?.environments?.onDidChangeActiveEnvironmentPath];
    for (const event of events) if (event !== undefined && !over) subscriptions.push(event(listener));
  };
  if (vscode.workspace.isTrusted) {
    follow().catch((error: unknown) => {
      log.info(`the Python extension cannot be followed: ${reason(error)}`);
    });
  }
  return new vscode.Disposable(() => {
    over = true;
    for (const one of subscriptions) one.dispose();
  });
}

async function ask(scope: vscode.Uri | undefined): Promise<string | undefined> {
  const environment = await (await api<EnvironmentsApi>(ENVIRONMENTS))?.getEnvironment(scope);
  const executable = environment?.execInfo?.run?.executable;
  if (executable !== undefined) return executable;
  const python = (await api<PythonApi>(PYTHON))?.environments;
  const active = python?.getActiveEnvironmentPath(scope);
  if (python === undefined || active === undefined) return undefined;
  return (await python.resolveEnvironment(active))?.executable.uri?.fsPath;
}

async function api<T>(identifier: string): Promise<T | undefined> {
  const extension = vscode.extensions.getExtension<T | undefined>(identifier);
  if (extension === undefined) return undefined;
  return extension.isActive ? extension.exports : await extension.activate();
}
