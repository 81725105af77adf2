import * as vscode from 'vscode';

const MANAGE = 'Manage Workspace Trust';

/** Whether the workspace is trusted; if not, says that something needs it. Buttons may be hidden, but commands can be called. */
export function isTrustedFor(what: string): boolean {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  void vscode.window.showWarningMessage(`dflint: ${what} needs a trusted workspace.`, MANAGE).then((pressed) => {
    if (pressed === MANAGE) {
      void vscode.commands.executeCommand('workbench.trust.manage');
    }
  });
  return false;
}
