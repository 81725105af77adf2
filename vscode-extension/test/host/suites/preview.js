// A preview on the real engine.
const assert = require('node:assert/strict');
const vscode = require('vscode');
const { diagnosticsOf, open, until } = require('./steps');

exports['preview builds both and shows the report'] = async () => {
  const document = await open('Dockerfile');
  await vscode.extensions.getExtension('dflint.dflint').activate();
  await diagnosticsOf(document, (all) => all.length > 0);
  await vscode.commands.executeCommand('dflint.optimizeDockerfile', document.uri);
  const code = await vscode.commands.executeCommand('dflint.buildPreview');
  assert.equal(code, 0, 'the level that is asked for is reached');
  await until(() => {
    const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
    return tabs.some(({ label, input }) => label === 'Preview: Dockerfile' && input instanceof vscode.TabInputWebview);
  }, 'the report is open');
};
