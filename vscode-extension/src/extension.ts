import * as vscode from 'vscode';
import { addCache } from './cache';
import { CommandLine } from './commandLine';
import { addOptimizer } from './optimize';
import { addPreview } from './preview';
import { onInterpreterChange } from './pythonExtension';
import { Server } from './server';
import { RESTARTING } from './settings';
import { addStages } from './stages';
import { Status } from './status';
import { addTasks } from './tasks';

export function activate(extension: vscode.ExtensionContext): void {
  const log = vscode.window.createOutputChannel('dflint', { log: true });
  const status = new Status();
  const server = new Server(extension, log, status);
  const commandLine = new CommandLine(server, log);
  extension.subscriptions.push(log, status, server);
  const add = (command: string, run: (...given: never[]) => unknown): void => {
    extension.subscriptions.push(vscode.commands.registerCommand(command, run));
  };
  add('dflint.restart', () => server.restart());
  add('dflint.showLog', () => log.show());
  add('dflint.selectInterpreter', selectInterpreter);
  add('dflint.fixAll', fixAll);
  add('dflint.copyInformation', () => copyInformation(extension, server));
  const optimizer = addOptimizer(extension, server);
  addPreview(extension, optimizer, commandLine);
  addCache(extension, commandLine);
  addStages(extension, server);
  addTasks(extension, server);
  extension.subscriptions.push(
    vscode.workspace.onDidChangeConfiguration((change) => {
      if (RESTARTING.some((name) => change.affectsConfiguration(name))) {
        void server.restart();
      }
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void server.restart()),
  );
  // Whoever waits for the activation does not wait for the client to load.
  setImmediate(() => void server.restart().then(() => watchInterpreter(extension, server)));
}

async function watchInterpreter(extension: vscode.ExtensionContext, server: Server): Promise<void> {
  if (vscode.workspace.isTrusted) {
    const watch = await onInterpreterChange(() => void server.restart());
    extension.subscriptions.push(...(watch === undefined ? [] : [watch]));
  }
}

async function selectInterpreter(): Promise<void> {
  const chosen = await vscode.window.showOpenDialog({ title: 'Python 3.10 or later for dflint', canSelectMany: false });
  const program = chosen?.[0]?.fsPath;
  if (program !== undefined) {
    await vscode.workspace.getConfiguration('dflint').update('interpreter', program, vscode.ConfigurationTarget.Global);
  }
}

async function fixAll(): Promise<void> {
  await vscode.commands.executeCommand('editor.action.codeAction', { kind: 'source.fixAll.dflint', apply: 'first' });
}

async function copyInformation(extension: vscode.ExtensionContext, server: Server): Promise<void> {
  const manifest = extension.extension.packageJSON as { version: string };
  const lines = [
    `extension ${manifest.version}, VS Code ${vscode.version}, ${process.platform} ${process.arch}`,
    `server: ${server.launch?.description ?? 'none'}`,
    `trusted: ${vscode.workspace.isTrusted}, folders: ${vscode.workspace.workspaceFolders?.length ?? 0}`,
  ];
  await vscode.env.clipboard.writeText(lines.join('\n'));
  void vscode.window.showInformationMessage('dflint: copied to the clipboard.');
}
