import * as vscode from 'vscode';

/** Of documents that are no files: rewrites, and the reasons for them. */
export const SCHEME = 'dflint-rewrite';
const REASONS_SUFFIX = '.reasons.md';

/** A change that was made. */
export interface Change {
  readonly title: string;
  readonly reason: string;
  /** What must hold for it to be right, as far as it cannot be seen in the files. */
  readonly assumes: readonly string[];
}

/** A change that was not made. */
export interface Refusal {
  readonly title: string;
  readonly reason: string;
}

/** What the optimizer made of a file. */
export interface Rewrite {
  readonly original: vscode.Uri;
  /** The text that was rewritten. */
  readonly from: string;
  readonly text: string;
  readonly changes: readonly Change[];
  readonly refusals: readonly Refusal[];
}

/** The newest rewrite of each file, as documents. */
export class RewriteContents implements vscode.TextDocumentContentProvider {
  private readonly rewrites = new Map<string, Rewrite>();
  private readonly changed = new vscode.EventEmitter<vscode.Uri>();
  readonly onDidChange = this.changed.event;

  /** Keep a rewrite. Gives the URI of its text, which has the original's path, so that it has its language. */
  put(rewrite: Rewrite): vscode.Uri {
    this.rewrites.set(rewrite.original.path, rewrite);
    const uri = rewrite.original.with({ scheme: SCHEME });
    this.changed.fire(uri);
    this.changed.fire(this.reasonsUri(rewrite));
    return uri;
  }

  /** The rewrite of an original or of a URI that `put` gave. */
  find(uri: vscode.Uri | undefined): Rewrite | undefined {
    return uri === undefined ? undefined : this.rewrites.get(uri.path);
  }

  reasonsUri(rewrite: Rewrite): vscode.Uri {
    return rewrite.original.with({ scheme: SCHEME, path: rewrite.original.path + REASONS_SUFFIX });
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    const isReasons = uri.path.endsWith(REASONS_SUFFIX);
    const path = isReasons ? uri.path.slice(0, -REASONS_SUFFIX.length) : uri.path;
    const rewrite = this.rewrites.get(path);
    if (rewrite === undefined) {
      return '';
    }
    return isReasons ? reasons(rewrite) : rewrite.text;
  }
}

function reasons(rewrite: Rewrite): string {
  const lines = ['# What changed, and why', ''];
  for (const change of rewrite.changes) {
    lines.push(`- **${plain(change.title)}**: ${plain(change.reason)}`);
    lines.push(...change.assumes.map((assumed) => `  - taken for granted: ${plain(assumed)}`));
  }
  if (rewrite.changes.length === 0) {
    lines.push('Nothing.');
  }
  if (rewrite.refusals.length > 0) {
    lines.push('', '# What was not done', '');
    lines.push(...rewrite.refusals.map((refusal) => `- **${plain(refusal.title)}**: ${plain(refusal.reason)}`));
  }
  return lines.join('\n') + '\n';
}

/** A text that Markdown shows as it is. */
function plain(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~$]/g, '\\$&').replace(/\s+/g, ' ');
}
