import * as vscode from 'vscode';

export type ImportStrategy = 'fromEnvironment' | 'useBundled';

/** What decides which server runs. */
export interface ServerSettings {
  readonly enable: boolean;
  readonly path: readonly string[];
  readonly interpreter: string;
  readonly importStrategy: ImportStrategy;
}

/** Settings whose change needs another server process. */
export const RESTARTING = ['dflint.enable', 'dflint.path', 'dflint.interpreter', 'dflint.importStrategy', 'dflint.run'];

export function serverSettings(): ServerSettings {
  const configuration = vscode.workspace.getConfiguration('dflint');
  return {
    enable: configuration.get('enable', true),
    path: configuration.get<string[]>('path', []).map(withVariables).filter(Boolean),
    interpreter: withVariables(configuration.get('interpreter', '')),
    importStrategy: configuration.get<ImportStrategy>('importStrategy', 'fromEnvironment'),
  };
}

/** A path with `~`, `${workspaceFolder}` and `${env:NAME}` filled in; a relative one is taken from the first folder. */
function withVariables(path: string): string {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
  const home = process.env['HOME'] ?? process.env['USERPROFILE'] ?? '';
  return path
    .replace(/^~(?=$|[\\/])/, () => home)
    .replace(/\$\{workspaceFolder\}/g, () => folder)
    .replace(/\$\{env:(\w+)\}/g, (_, name: string) => process.env[name] ?? '');
}
