// A workspace that nobody trusts yet, full of traps: findings come, nothing of the workspace runs.
const assert = require('node:assert/strict');
const { existsSync } = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const { diagnosticsOf, folder, open } = require('./steps');

exports['findings appear, and no trap is sprung'] = async () => {
  assert.equal(vscode.workspace.isTrusted, false);
  const document = await open('Dockerfile');
  await diagnosticsOf(document, (all) => all.length > 3);
  assert.equal(existsSync(path.join(folder(), 'sprung')), false, 'a program or module of the workspace ran');
};

exports['settings that name programs do not count'] = () => {
  assert.deepEqual(vscode.workspace.getConfiguration('dflint').get('path'), []);
};

exports['nothing is built and no history is read, whoever calls the commands'] = async () => {
  const document = await open('Dockerfile');
  assert.equal(await vscode.commands.executeCommand('dflint.buildPreview', document.uri), undefined);
  await vscode.commands.executeCommand('dflint.showCache', document.uri);
  assert.equal(existsSync(path.join(folder(), 'sprung')), false);
};

exports['optimize works'] = async () => {
  const document = await open('Dockerfile');
  await vscode.commands.executeCommand('dflint.optimizeDockerfile', document.uri);
  assert.ok(vscode.window.tabGroups.activeTabGroup.activeTab.input instanceof vscode.TabInputTextDiff);
  assert.equal(existsSync(path.join(folder(), 'sprung')), false);
};
