import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { CommandLine, Outcome } from './commandLine';
import { dockerfileOf, type Optimizer, type Target, uriOf } from './optimize';
import { ReportPanel } from './report';
import type { Rewrite } from './rewrite';
import { isTrustedFor } from './trust';

const SAVE = 'Save and Build';
const SHOW_OUTPUT = 'Show Output';
const APPLY_ANYWAY = 'Apply Anyway';
/** Exit codes of `dflint preview`. */
const REACHED = 0;
const NOT_REACHED = 1;

/** Builds originals and rewrites side by side, and shows what dflint reports of them. */
class Previews {
  private readonly output = vscode.window.createOutputChannel('dflint: builds');
  private readonly panel = new ReportPanel('dflint.preview');
  private isBusy = false;

  constructor(extension: vscode.ExtensionContext, private readonly optimizer: Optimizer, private readonly commandLine: CommandLine) {
    extension.subscriptions.push(this.output);
  }

  /** Build the shown rewrite, or that of a file, and show the report. Gives the exit code, if it came to one. */
  async build(given?: Target): Promise<number | undefined> {
    if (!isTrustedFor('building')) {
      return undefined;
    }
    const rewrite = this.optimizer.shown(uriOf(given));
    const document = await dockerfileOf(rewrite?.original ?? given);
    if (document === undefined || document.uri.scheme !== 'file') {
      void vscode.window.showInformationMessage('dflint: open a Dockerfile first.');
      return undefined;
    }
    if (!(await isSaved(document))) {
      return undefined;
    }
    if (this.isBusy) {
      this.output.show(true);
      void vscode.window.showInformationMessage('dflint: a preview is being built already.');
      return undefined;
    }
    this.isBusy = true;
    const folder = await mkdtemp(path.join(tmpdir(), 'dflint-'));
    try {
      return await this.buildIn(folder, document, rewrite?.from === document.getText() ? rewrite : undefined);
    } finally {
      this.isBusy = false;
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Build both first; the rewrite is applied if it is shown to be the same as far as dflint asks for. */
  async verifyAndApply(given?: vscode.Uri): Promise<void> {
    const rewrite = this.optimizer.shown(given);
    if (rewrite === undefined) {
      return;
    }
    const code = await this.build(rewrite.original);
    if (code === REACHED) {
      await this.optimizer.apply(rewrite.original);
    } else if (code === NOT_REACHED) {
      const message = 'dflint: the rewrite is not shown to do the same; the report says why. It was not applied.';
      if ((await vscode.window.showWarningMessage(message, APPLY_ANYWAY)) === APPLY_ANYWAY) {
        await this.optimizer.apply(rewrite.original);
      }
    }
  }

  private async buildIn(folder: string, document: vscode.TextDocument, rewrite: Rewrite | undefined): Promise<number | undefined> {
    const page = path.join(folder, 'report.html');
    const given = ['preview', '--html', page, ...chosenOptions(document.uri)];
    if (rewrite !== undefined) {
      const file = path.join(folder, 'Dockerfile.rewrite');
      await writeFile(file, rewrite.text);
      given.push('--rewrite', file);
    }
    const name = path.basename(document.uri.fsPath);
    given.push('--', name);
    this.output.show(true);
    this.output.appendLine(`> building ${document.uri.fsPath} and its rewrite`);
    const outcome = await this.run(given, path.dirname(document.uri.fsPath), name);
    await this.report(outcome, page, name);
    return outcome.code;
  }

  private run(given: readonly string[], cwd: string, name: string): Thenable<Outcome> {
    const options = { location: vscode.ProgressLocation.Notification, title: `Building ${name} and its rewrite`, cancellable: true };
    return vscode.window.withProgress(options, (progress, token) => {
      const write = (text: string): void => {
        this.output.append(text);
        const last = text.trimEnd().split('\n').at(-1);
        if (last) {
          progress.report({ message: last.slice(0, 80) });
        }
      };
      return this.commandLine.run(given, cwd, write, token);
    });
  }

  private async report(outcome: Outcome, page: string, name: string): Promise<void> {
    if (outcome.isCancelled) {
      this.output.appendLine('> cancelled');
      return;
    }
    if (outcome.code !== REACHED && outcome.code !== NOT_REACHED) {
      const last = outcome.complaint.split('\n').at(-1) || `exit code ${outcome.code ?? 'none'}`;
      if ((await vscode.window.showErrorMessage(`dflint: no preview: ${last}`, SHOW_OUTPUT)) === SHOW_OUTPUT) {
        this.output.show();
      }
      return;
    }
    const html = await readFile(page, 'utf8').catch(() => undefined);
    if (html === undefined) {
      void vscode.window.showInformationMessage('dflint: nothing to improve that can be shown safe, so nothing was built.');
      return;
    }
    this.panel.show(`Preview: ${name}`, html);
  }
}

export function addPreview(extension: vscode.ExtensionContext, optimizer: Optimizer, commandLine: CommandLine): void {
  const previews = new Previews(extension, optimizer, commandLine);
  extension.subscriptions.push(
    vscode.commands.registerCommand('dflint.buildPreview', (uri?: Target) => previews.build(uri)),
    vscode.commands.registerCommand('dflint.verifyAndApply', (uri?: vscode.Uri) => previews.verifyAndApply(uri)),
  );
}

function chosenOptions(uri: vscode.Uri): string[] {
  const configuration = vscode.workspace.getConfiguration('dflint', uri);
  const given = ['--engine', configuration.get('preview.engine', 'auto'), '--optimize', configuration.get('optimize.level', 'multi-stage')];
  if (!configuration.get('preview.measureRebuilds', true)) {
    given.push('--no-measure');
  }
  return [...given, ...configuration.get<string[]>('preview.arguments', [])];
}

/** An engine builds what is on the disk. */
async function isSaved(document: vscode.TextDocument): Promise<boolean> {
  if (!document.isDirty) {
    return true;
  }
  const pressed = await vscode.window.showWarningMessage('dflint: builds read the file on the disk, and it is not saved.', { modal: true }, SAVE);
  return pressed === SAVE && document.save();
}
