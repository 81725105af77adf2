import * as path from 'node:path';
import * as vscode from 'vscode';
import { ReportPanel } from './report';
import { reasonsPage, RewriteContents, SCHEME, type Change, type Refusal, type Rewrite } from './rewrite';
import type { Server } from './server';

const APPLY = 'Apply';
const BUILD = 'Build Preview';
const REASONS = 'Reasons';
const DEFAULT_LEVEL = 'multi-stage';

interface Answer {
  readonly text: string;
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
  readonly dockerignore?: NonNullable<Rewrite['dockerignore']> | null;
}

/** Shows rewrites beside their originals, and applies them. */
export class Optimizer {
  private readonly contents = new RewriteContents();
  private readonly reasons = new ReportPanel('dflint.reasons');

  constructor(extension: vscode.ExtensionContext, private readonly server: Server) {
    extension.subscriptions.push(vscode.workspace.registerTextDocumentContentProvider(SCHEME, this.contents));
  }

  /** Ask for the rewrite of a file and open the diff editor. */
  async optimize(given?: Target): Promise<void> {
    const document = await dockerfileOf(given);
    if (document === undefined) {
      void vscode.window.showInformationMessage('dflint: open a Dockerfile first.');
      return;
    }
    let rewrite: Rewrite | undefined;
    try {
      rewrite = await this.rewriteOf(document);
    } catch (error) {
      void vscode.window.showErrorMessage(`dflint: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    if (rewrite === undefined || (rewrite.text === document.getText() && !rewrite.dockerignore)) {
      await this.nothingToImprove(document, rewrite);
      return;
    }
    await this.show(document, rewrite);
  }

  /** The rewrite that is shown in the active editor, or the one of a file. */
  shown(uri?: vscode.Uri): Rewrite | undefined {
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    const diff = input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME ? input.modified : undefined;
    return this.contents.find(uri?.scheme === SCHEME ? uri : (diff ?? uri));
  }

  /** Put the shown rewrite in the place of the original, and its ignore file, as one edit that can be undone. */
  async apply(given?: vscode.Uri): Promise<boolean> {
    const rewrite = this.shown(given);
    if (rewrite === undefined) {
      return false;
    }
    const document = await vscode.workspace.openTextDocument(rewrite.original);
    if (document.getText() !== rewrite.from) {
      void vscode.window.showWarningMessage('dflint: the file has changed since; here is its rewrite anew.');
      await this.optimize(rewrite.original);
      return false;
    }
    const edit = new vscode.WorkspaceEdit();
    edit.set(document.uri, [differingLines(document, rewrite.text)]);
    if (rewrite.dockerignore) {
      const ignoreFile = vscode.Uri.parse(rewrite.dockerignore.uri);
      edit.createFile(ignoreFile, { overwrite: true, contents: Buffer.from(rewrite.dockerignore.text) });
    }
    const isApplied = await vscode.workspace.applyEdit(edit);
    if (isApplied) {
      await closeDiff(rewrite.original);
      await vscode.window.showTextDocument(document, { preview: false });
    }
    return isApplied;
  }

  /** Why each change was made, and what was not done, as a page beside. */
  showReasons(given?: vscode.Uri): void {
    const rewrite = this.shown(given);
    if (rewrite !== undefined) {
      this.reasons.show(`Reasons: ${path.posix.basename(rewrite.original.path)}`, reasonsPage(rewrite));
    }
  }

  private async rewriteOf(document: vscode.TextDocument): Promise<Rewrite | undefined> {
    const level = vscode.workspace.getConfiguration('dflint', document.uri).get('optimize.level', DEFAULT_LEVEL);
    const more = level === DEFAULT_LEVEL ? [] : [level];
    const from = document.getText();
    const uri = document.uri.toString();
    const answer = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'dflint: optimizing' }, () =>
      this.server.execute<Answer | null>('dflint.optimize', uri, ...more),
    );
    return answer === null ? undefined : { original: document.uri, from, ...answer };
  }

  private async show(document: vscode.TextDocument, rewrite: Rewrite): Promise<void> {
    const uri = this.contents.put(rewrite);
    const name = path.posix.basename(document.uri.path);
    await vscode.commands.executeCommand('vscode.diff', document.uri, uri, `${name}: original and rewrite`, { preview: true });
    const undone = rewrite.refusals.length > 0 ? `, ${rewrite.refusals.length} not made` : '';
    const changes = `${rewrite.changes.length} ${rewrite.changes.length === 1 ? 'change' : 'changes'}${undone}`;
    const buttons = vscode.workspace.isTrusted ? [APPLY, BUILD, REASONS] : [APPLY, REASONS];
    void vscode.window.showInformationMessage(`dflint: ${changes}.`, ...buttons).then(async (pressed) => {
      if (pressed === APPLY) {
        await this.apply(uri);
      } else if (pressed === REASONS) {
        this.showReasons(uri);
      } else if (pressed === BUILD) {
        await vscode.commands.executeCommand('dflint.buildPreview', uri);
      }
    });
  }

  private async nothingToImprove(document: vscode.TextDocument, rewrite: Rewrite | undefined): Promise<void> {
    const buttons = rewrite !== undefined && rewrite.refusals.length > 0 ? [REASONS] : [];
    const pressed = await vscode.window.showInformationMessage('dflint: nothing to improve that can be shown safe.', ...buttons);
    if (pressed === REASONS && rewrite !== undefined) {
      this.contents.put({ ...rewrite, original: document.uri });
      this.showReasons(document.uri);
    }
  }
}

export function addOptimizer(extension: vscode.ExtensionContext, server: Server): Optimizer {
  const optimizer = new Optimizer(extension, server);
  extension.subscriptions.push(
    vscode.commands.registerCommand('dflint.optimizeDockerfile', (uri?: Target) => optimizer.optimize(uri)),
    vscode.commands.registerCommand('dflint.showOptimized', (uri?: Target) => optimizer.optimize(uri)), // of the server's lens
    vscode.commands.registerCommand('dflint.applyRewrite', (uri?: vscode.Uri) => optimizer.apply(uri)),
    vscode.commands.registerCommand('dflint.showReasons', (uri?: vscode.Uri) => optimizer.showReasons(uri)),
    vscode.window.tabGroups.onDidChangeTabs(() => {
      void vscode.commands.executeCommand('setContext', 'dflint.rewriteShown', optimizer.shown() !== undefined);
    }),
  );
  return optimizer;
}

/** What a command is about: menus give a URI, lenses of the server one as text. */
export type Target = vscode.Uri | string;

export function uriOf(given: Target | undefined): vscode.Uri | undefined {
  return typeof given === 'string' ? vscode.Uri.parse(given) : given;
}

/** The Dockerfile that a command is about: the given file, or that of the active editor. */
export async function dockerfileOf(given: Target | undefined): Promise<vscode.TextDocument | undefined> {
  const active = vscode.window.activeTextEditor?.document;
  const uri = uriOf(given);
  const document = uri instanceof vscode.Uri ? await vscode.workspace.openTextDocument(uri) : active;
  return document?.languageId === 'dockerfile' ? document : undefined;
}

/** One edit of the lines between the first and the last that differ: cursor and marks elsewhere stay. */
function differingLines(document: vscode.TextDocument, text: string): vscode.TextEdit {
  const old = document.getText();
  let start = 0;
  while (start < Math.min(old.length, text.length) && old[start] === text[start]) {
    start++;
  }
  start = old.lastIndexOf('\n', start - 1) + 1;
  let end = old.length;
  let newEnd = text.length;
  while (end > start && newEnd > start && old[end - 1] === text[newEnd - 1]) {
    end--;
    newEnd--;
  }
  return vscode.TextEdit.replace(new vscode.Range(document.positionAt(start), document.positionAt(end)), text.slice(start, newEnd));
}

async function closeDiff(original: vscode.Uri): Promise<void> {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  const diffs = tabs.filter(({ input }) => {
    return input instanceof vscode.TabInputTextDiff && input.modified.scheme === SCHEME && input.original.toString() === original.toString();
  });
  await vscode.window.tabGroups.close(diffs, true);
}
