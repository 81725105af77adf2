import * as vscode from 'vscode';

/** Of the documents that rewrites are. */
export const SCHEME = 'dflint-rewrite';

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
  /** The ignore file that belongs to the rewrite; without one, the file that is there (or none) will do. */
  readonly dockerignore?: { readonly uri: string; readonly text: string } | null;
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
    return uri;
  }

  /** The rewrite of an original or of a URI that `put` gave. */
  find(uri: vscode.Uri | undefined): Rewrite | undefined {
    return uri === undefined ? undefined : this.rewrites.get(uri.path);
  }

  provideTextDocumentContent(uri: vscode.Uri): string {
    return this.rewrites.get(uri.path)?.text ?? '';
  }
}

/** A page that says why each change was made, and what was not done. */
export function reasonsPage(rewrite: Rewrite): string {
  const changes = rewrite.changes.map(({ title, reason, assumes }) => {
    const assumed = assumes.map((one) => `<br><span class="quiet">taken for granted: ${escaped(one)}</span>`).join('');
    return `<li><strong>${escaped(title)}</strong><br>${escaped(reason)}${assumed}</li>`;
  });
  const refusals = rewrite.refusals.map(({ title, reason }) => `<li><strong>${escaped(title)}</strong><br>${escaped(reason)}</li>`);
  const style = 'body { line-height: 1.5; max-width: 50rem; } li { margin: .7em 0; } .quiet { color: var(--quiet); }';
  const head = `<head><meta charset="utf-8"><style>${style}</style></head>`;
  const made = `<h1>What changed, and why</h1><ul>${changes.join('') || '<li>Nothing.</li>'}</ul>`;
  const left = refusals.length > 0 ? `<h2>What was not done</h2><ul>${refusals.join('')}</ul>` : '';
  const ignored = rewrite.dockerignore ? `<h2>The ignore file</h2><pre>${escaped(rewrite.dockerignore.text)}</pre>` : '';
  return `<!DOCTYPE html><html lang="en">${head}<body>${made}${ignored}${left}</body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
