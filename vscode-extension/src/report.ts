import * as vscode from 'vscode';

/** Colors of dflint's pages, taken from the theme. */
const THEME = `
:root { color-scheme: unset; }
body { --old: var(--vscode-charts-orange); --new: var(--vscode-charts-green); --ran: var(--vscode-charts-orange);
  --maybe: var(--vscode-charts-yellow); --line: color-mix(in srgb, var(--vscode-foreground) 22%, transparent);
  --quiet: var(--vscode-descriptionForeground); color: var(--vscode-foreground); background: var(--vscode-editor-background);
  font-family: var(--vscode-font-family); font-size: var(--vscode-font-size); margin: 1rem auto; }
h1 { font-size: 1.5em; font-weight: 600; } h2 { font-size: 1.2em; font-weight: 600; }
td code { overflow-wrap: break-word; word-break: normal; } td:has(> svg) { min-width: 8rem; }
pre, code { font-family: var(--vscode-editor-font-family); font-size: var(--vscode-editor-font-size); color: var(--vscode-editor-foreground); background: none; }
.bar span { border-color: var(--vscode-editor-background); }
body.vscode-high-contrast .bar, body.vscode-high-contrast-light .bar { outline: 1px solid var(--vscode-contrastBorder); }
summary { cursor: pointer; } summary:focus-visible { outline: 1px solid var(--vscode-focusBorder); }
`;
/** No scripts, no pictures, no fonts, nothing from elsewhere; bars have their width in a style. */
const POLICY = `<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">`;

/** A page that dflint wrote, shown beside in the colors of the theme; a page of the same kind takes the place of the last. */
export class ReportPanel {
  private panel: vscode.WebviewPanel | undefined;

  constructor(private readonly kind: string) {}

  show(title: string, page: string): void {
    this.panel ??= this.open();
    this.panel.title = title;
    this.panel.webview.html = themed(page);
    this.panel.reveal(undefined, true);
  }

  private open(): vscode.WebviewPanel {
    const place = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    const panel = vscode.window.createWebviewPanel(this.kind, '', place, { enableScripts: false, localResourceRoots: [], enableFindWidget: true });
    panel.onDidDispose(() => {
      this.panel = undefined;
    });
    return panel;
  }
}

/** The page with the policy first, and the theme's colors after its own. */
export function themed(page: string): string {
  return page.replace('<head>', () => `<head>${POLICY}`).replace('</head>', () => `<style>${THEME}</style></head>`);
}
