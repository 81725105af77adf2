// Steps that the suites share.
const path = require('node:path');
const vscode = require('vscode');

const LIMIT_MILLISECONDS = 20_000;

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** The path of the workspace's folder. */
const folder = () => vscode.workspace.workspaceFolders[0].uri.fsPath;

async function open(name, options) {
  const document = await vscode.workspace.openTextDocument(vscode.Uri.file(path.join(folder(), name)));
  await vscode.window.showTextDocument(document, options);
  return document;
}

async function until(question, what, milliseconds = LIMIT_MILLISECONDS) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const answer = await question();
    if (answer) {
      return answer;
    }
    if (Date.now() > end) {
      throw new Error(`not within ${milliseconds / 1000} s: ${what}`);
    }
    await sleep(20);
  }
}

/** The diagnostics of a document as soon as they are as wanted. */
async function diagnosticsOf(document, isWanted) {
  const all = () => vscode.languages.getDiagnostics(document.uri).filter(({ source }) => source === 'dflint');
  await until(() => isWanted(all()), `diagnostics of ${document.uri.path}, ${isWanted}`);
  return all();
}

async function changed(document, change) {
  const edit = new vscode.WorkspaceEdit();
  change(edit);
  await vscode.workspace.applyEdit(edit);
}

module.exports = { changed, diagnosticsOf, folder, open, sleep, until };
