import * as vscode from 'vscode';
import type { Server } from './server';

/** Milliseconds without a change before the view is made anew. */
const PAUSE = 400;
/** How a name of a stage is used in COPY or in a mount. */
const SOURCES = /(?:--from=|\bfrom=)["']?([\w.-]+)/g;

/** A stage, with the stages that it takes something from. */
interface Stage {
  readonly symbol: vscode.DocumentSymbol;
  readonly index: number;
  readonly needs: readonly Stage[];
}

/** A row of the view. */
type Row =
  | { readonly kind: 'stage'; readonly stage: Stage; readonly isUnused: boolean }
  | { readonly kind: 'instruction'; readonly symbol: vscode.DocumentSymbol };

/** The stages of the active Dockerfile as what they are built from: the last stage first, below it what it needs. */
class StageGraph implements vscode.TreeDataProvider<Row> {
  private readonly changed = new vscode.EventEmitter<void>();
  readonly onDidChangeTreeData = this.changed.event;
  private document: vscode.TextDocument | undefined;
  private stages: readonly Stage[] = [];

  /** Read the stages of the active editor's file; of another file's editor the last ones stay. */
  async refresh(): Promise<void> {
    const active = vscode.window.activeTextEditor?.document;
    if (active?.languageId === 'dockerfile' && active.uri.scheme === 'file') {
      const symbols = await vscode.commands.executeCommand<vscode.DocumentSymbol[] | undefined>('vscode.executeDocumentSymbolProvider', active.uri);
      this.document = active;
      this.stages = stagesOf(active, symbols ?? []);
    }
    await vscode.commands.executeCommand('setContext', 'dflint.stagesKnown', this.document !== undefined);
    this.changed.fire();
  }

  getChildren(row?: Row): Row[] {
    if (row === undefined) {
      return this.roots();
    }
    if (row.kind === 'instruction') {
      return [];
    }
    const needs = row.stage.needs.map((stage): Row => ({ kind: 'stage', stage, isUnused: row.isUnused }));
    return [...needs, ...row.stage.symbol.children.map((symbol): Row => ({ kind: 'instruction', symbol }))];
  }

  getTreeItem(row: Row): vscode.TreeItem {
    const symbol = row.kind === 'stage' ? row.stage.symbol : row.symbol;
    const item = new vscode.TreeItem(symbol.name);
    if (row.kind === 'stage') {
      const needs = row.stage.needs.map((stage) => stage.symbol.name).join(', ');
      item.description = [symbol.detail, needs && `needs ${needs}`, row.isUnused && 'not part of the image'].filter(Boolean).join(' · ');
      item.iconPath = new vscode.ThemeIcon(row.isUnused ? 'circle-slash' : 'layers');
      item.collapsibleState = vscode.TreeItemCollapsibleState.Collapsed;
    } else {
      item.iconPath = new vscode.ThemeIcon('symbol-event');
    }
    if (this.document !== undefined) {
      const selection = symbol.selectionRange;
      item.command = { title: 'Go There', command: 'vscode.open', arguments: [this.document.uri, { selection, preserveFocus: true }] };
    }
    return item;
  }

  private roots(): Row[] {
    const last = this.stages.at(-1);
    if (last === undefined) {
      return [];
    }
    const used = reachable(last);
    const unused = this.stages.filter((stage) => !used.has(stage));
    const needed = new Set(unused.flatMap((stage) => stage.needs));
    const ends = unused.filter((stage) => !needed.has(stage));
    return [{ kind: 'stage', stage: last, isUnused: false }, ...ends.map((stage): Row => ({ kind: 'stage', stage, isUnused: true }))];
  }
}

/** The stages, each with those before it that it names. */
function stagesOf(document: vscode.TextDocument, symbols: readonly vscode.DocumentSymbol[]): Stage[] {
  const stages: Stage[] = [];
  for (const symbol of symbols.filter(({ kind }) => kind === vscode.SymbolKind.Class)) {
    const texts = symbol.children.filter(({ name }) => /^(COPY|RUN)\b/.test(name)).map(({ range }) => document.getText(range));
    const named = texts.flatMap((text) => [...text.matchAll(SOURCES)].map((match) => match[1] ?? ''));
    const needs = new Set([symbol.detail, ...named].flatMap((name) => stageCalled(name, stages) ?? []));
    stages.push({ symbol, index: stages.length, needs: [...needs] });
  }
  return stages;
}

/** The stage that a word means: the last of that name so far, or that of a number. */
function stageCalled(name: string, stages: readonly Stage[]): Stage | undefined {
  const byName = stages.findLast(({ symbol }) => symbol.name.toLowerCase() === name.toLowerCase());
  return byName ?? (/^\d+$/.test(name) ? stages[Number(name)] : undefined);
}

function reachable(stage: Stage, found: Set<Stage> = new Set()): Set<Stage> {
  if (!found.has(stage)) {
    found.add(stage);
    stage.needs.forEach((needed) => reachable(needed, found));
  }
  return found;
}

export function addStages(extension: vscode.ExtensionContext, server: Server): void {
  const graph = new StageGraph();
  let timer: NodeJS.Timeout | undefined;
  const soon = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => void graph.refresh(), PAUSE);
  };
  extension.subscriptions.push(
    vscode.window.createTreeView('dflint.stages', { treeDataProvider: graph, showCollapseAll: true }),
    vscode.window.onDidChangeActiveTextEditor(soon),
    vscode.workspace.onDidChangeTextDocument(({ document }) => {
      if (document === vscode.window.activeTextEditor?.document && document.languageId === 'dockerfile') {
        soon();
      }
    }),
    server.onStart(soon),
    { dispose: () => clearTimeout(timer) },
  );
}
