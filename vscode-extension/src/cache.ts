import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CommandLine } from './commandLine';
import { dockerfileOf, type Target } from './optimize';
import { ReportPanel } from './report';
import { isTrustedFor } from './trust';

/** The command that shows how often each step would have run again over the last commits. */
export function addCache(extension: vscode.ExtensionContext, commandLine: CommandLine): void {
  const panel = new ReportPanel('dflint.cache');
  const show = async (given?: Target): Promise<void> => {
    if (!isTrustedFor('reading the history')) {
      return;
    }
    const document = await dockerfileOf(given);
    if (document === undefined || document.uri.scheme !== 'file') {
      void vscode.window.showInformationMessage('dflint: open a Dockerfile first.');
      return;
    }
    const file = document.uri.fsPath;
    const title = `Reading the history behind ${path.basename(file)}`;
    let page = '';
    // Named as in its folder, so that the page's title is short.
    const named = ['--', path.basename(file)];
    const outcome = await vscode.window.withProgress({ location: vscode.ProgressLocation.Notification, title, cancellable: true }, (_, token) =>
      commandLine.run(['cache', '--format', 'html', ...named], path.dirname(file), (text) => (page += text), token),
    );
    if (outcome.isCancelled) {
      return;
    }
    const start = page.indexOf('<!DOCTYPE html>');
    if (outcome.code !== 0 || start < 0) {
      void vscode.window.showErrorMessage(`dflint: ${outcome.complaint.split('\n').at(-1) || 'no report'}`);
      return;
    }
    panel.show(`Cache: ${path.basename(file)}`, page.slice(start));
  };
  extension.subscriptions.push(vscode.commands.registerCommand('dflint.showCache', show));
}
