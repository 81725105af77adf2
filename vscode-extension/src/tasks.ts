import * as vscode from 'vscode';
import type { Launch } from './launch';
import type { Server } from './server';

const TYPE = 'dflint';

/** What a task of type dflint says in tasks.json. */
interface Definition extends vscode.TaskDefinition {
  readonly path?: string;
  readonly args?: readonly string[];
}

/** Tasks that lint a folder's Dockerfiles; their findings, also of closed files, go to the problems. */
class LintTasks implements vscode.TaskProvider {
  constructor(private readonly server: Server) {}

  provideTasks(): vscode.Task[] {
    const launch = this.server.launch;
    if (launch === undefined || !vscode.workspace.isTrusted) {
      return [];
    }
    return (vscode.workspace.workspaceFolders ?? []).map((folder) => task({ type: TYPE, path: '.' }, folder, launch));
  }

  resolveTask(given: vscode.Task): vscode.Task | undefined {
    const launch = this.server.launch;
    const folder = typeof given.scope === 'object' ? given.scope : vscode.workspace.workspaceFolders?.[0];
    return launch === undefined || folder === undefined ? undefined : task(given.definition as Definition, folder, launch);
  }
}

function task(definition: Definition, folder: vscode.WorkspaceFolder, launch: Launch): vscode.Task {
  const { path = '.', args = [] } = definition;
  const given = [...launch.first, 'lint', '--format', 'concise', '--color', 'never', ...args, '--', path];
  const execution = new vscode.ProcessExecution(launch.program, given, { cwd: folder.uri.fsPath });
  const made = new vscode.Task(definition, folder, `lint ${path}`, 'dflint', execution, '$dflint');
  made.presentationOptions = { reveal: vscode.TaskRevealKind.Silent };
  return made;
}

export function addTasks(extension: vscode.ExtensionContext, server: Server): void {
  extension.subscriptions.push(vscode.tasks.registerTaskProvider(TYPE, new LintTasks(server)));
}
