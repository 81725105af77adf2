// What a user does, in a trusted workspace, with the bundled server.
const assert = require('node:assert/strict');
const { execFileSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const path = require('node:path');
const vscode = require('vscode');
const { changed, diagnosticsOf, folder, open, sleep, until } = require('./steps');

exports['findings appear'] = async () => {
  const document = await open('Dockerfile');
  assert.equal(document.languageId, 'dockerfile');
  const found = await diagnosticsOf(document, (all) => all.length > 3);
  const one = found.find(({ code }) => codeOf(code) === 'untagged-base');
  assert.ok(one, JSON.stringify(found.map(({ code }) => codeOf(code))));
  assert.equal(one.source, 'dflint');
  assert.deepEqual([one.range.start.line, one.range.start.character], [0, 5]);
};

exports['a quick fix applies'] = async () => {
  const document = await open('Dockerfile');
  const line = lineOf(document, 'ENV NODE_ENV production');
  const actions = await vscode.commands.executeCommand('vscode.executeCodeActionProvider', document.uri, line.range);
  const fix = actions.find(({ edit, isPreferred }) => edit && isPreferred);
  assert.ok(fix, JSON.stringify(actions.map(({ title }) => title)));
  await vscode.workspace.applyEdit(fix.edit);
  assert.equal(document.lineAt(line.lineNumber).text, 'ENV NODE_ENV=production');
  await vscode.commands.executeCommand('undo');
  assert.equal(document.isDirty, false);
};

exports['fixes on save'] = async () => {
  const editor = vscode.workspace.getConfiguration('editor');
  await editor.update('codeActionsOnSave', { 'source.fixAll.dflint': 'explicit' }, vscode.ConfigurationTarget.Global);
  const document = await open('Dockerfile');
  const before = document.getText();
  await changed(document, (edit) => edit.insert(document.uri, new vscode.Position(document.lineCount, 0), '\n'));
  await diagnosticsOf(document, (all) => all.some(({ code }) => codeOf(code) === 'legacy-key-value'));
  await document.save();
  await until(() => document.getText().includes('ENV NODE_ENV=production'), 'the fix is made');
  assert.equal(document.isDirty, false);
  await editor.update('codeActionsOnSave', undefined, vscode.ConfigurationTarget.Global);
  writeFileSync(document.uri.fsPath, before);
  await until(() => document.getText() === before, 'the file is as it was');
};

exports['completion, hover, symbols, definition'] = async () => {
  const document = await open('stages.Dockerfile');
  await changed(document, (edit) => edit.insert(document.uri, new vscode.Position(document.lineCount, 0), 'HEAL'));
  const end = new vscode.Position(document.lineCount - 1, 4);
  const completed = await vscode.commands.executeCommand('vscode.executeCompletionItemProvider', document.uri, end);
  assert.ok(completed.items.some(({ label }) => (label.label ?? label) === 'HEALTHCHECK'));
  const at = document.positionAt(document.getText().indexOf('--from=build') + 9);
  const definitions = await vscode.commands.executeCommand('vscode.executeDefinitionProvider', document.uri, at);
  assert.equal((definitions[0].range ?? definitions[0].targetRange).start.line, 0);
  const hovers = await vscode.commands.executeCommand('vscode.executeHoverProvider', document.uri, new vscode.Position(0, 1));
  assert.ok(hovers.length > 0);
  const symbols = await vscode.commands.executeCommand('vscode.executeDocumentSymbolProvider', document.uri);
  assert.deepEqual(symbols.map(({ name }) => name), ['build', 'unused', 'stage 2']);
  await vscode.commands.executeCommand('workbench.action.files.revert');
};

exports['an ignore file is linted'] = async () => {
  const document = await open('ignored/.dockerignore');
  assert.equal(document.languageId, 'dockerignore');
  const found = await diagnosticsOf(document, (all) => all.length > 0);
  return { codes: found.map(({ code }) => codeOf(code)) };
};

exports['optimize shows the rewrite and applies it'] = async () => {
  const document = await open('Dockerfile');
  const before = document.getText();
  await vscode.commands.executeCommand('dflint.optimizeDockerfile', document.uri);
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  assert.ok(tab.input instanceof vscode.TabInputTextDiff);
  assert.equal(tab.input.original.toString(), document.uri.toString());
  const rewrite = (await vscode.workspace.openTextDocument(tab.input.modified)).getText();
  assert.match(rewrite, /FROM node AS build/);
  assert.equal(await vscode.commands.executeCommand('dflint.applyRewrite'), true);
  assert.equal(document.getText(), rewrite);
  assert.ok(!vscode.window.tabGroups.all.some((group) => group.tabs.some(({ input }) => input instanceof vscode.TabInputTextDiff)));
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('undo');
  assert.equal(document.getText(), before);
};

exports['a rewrite of a text that has changed since is not applied'] = async () => {
  const document = await open('Dockerfile');
  await vscode.commands.executeCommand('dflint.optimizeDockerfile', document.uri);
  await changed(document, (edit) => edit.insert(document.uri, new vscode.Position(0, 0), '# new\n'));
  assert.equal(await vscode.commands.executeCommand('dflint.applyRewrite'), false);
  assert.ok(document.getText().startsWith('# new\nFROM node\n'));
  await vscode.window.showTextDocument(document);
  await vscode.commands.executeCommand('workbench.action.files.revert');
};

exports['the server comes back after a crash'] = async () => {
  const document = await open('Dockerfile');
  await diagnosticsOf(document, (all) => all.length > 3);
  const killed = servers();
  assert.equal(killed.length, 1, `${killed}`);
  process.kill(killed[0], 'SIGKILL');
  const start = Date.now();
  await until(() => servers().some((pid) => pid !== killed[0]), 'another server runs');
  await changed(document, (edit) => edit.insert(document.uri, new vscode.Position(0, 0), 'MAINTAINER me\n'));
  await diagnosticsOf(document, (all) => all.some(({ code }) => codeOf(code) === 'maintainer-deprecated' || /maintainer/i.test(codeOf(code))));
  await vscode.commands.executeCommand('workbench.action.files.revert');
  return { milliseconds: Date.now() - start };
};

exports['restart replaces the server'] = async () => {
  const [before] = servers();
  await vscode.commands.executeCommand('dflint.restart');
  await until(() => servers().length === 1 && servers()[0] !== before, 'there is one other server');
};

exports['switched off and on in the settings'] = async () => {
  const document = await open('Dockerfile');
  await diagnosticsOf(document, (all) => all.length > 3);
  const dflint = vscode.workspace.getConfiguration('dflint');
  await dflint.update('enable', false, vscode.ConfigurationTarget.Global);
  await diagnosticsOf(document, (all) => all.length === 0);
  await until(() => servers().length === 0, 'no server runs');
  await dflint.update('enable', undefined, vscode.ConfigurationTarget.Global);
  await diagnosticsOf(document, (all) => all.length > 3);
};

exports['an installed dflint is preferred, and a broken one replaced'] = async () => {
  const document = await open('Dockerfile');
  const dflint = vscode.workspace.getConfiguration('dflint');
  const broken = path.join(folder(), 'broken-dflint');
  writeFileSync(broken, '#!/bin/sh\necho no >&2\nexit 3\n', { mode: 0o755 });
  await dflint.update('path', [path.join(folder(), 'missing'), broken], vscode.ConfigurationTarget.Global);
  await diagnosticsOf(document, (all) => all.length === 0);
  await diagnosticsOf(document, (all) => all.length > 3);
  await dflint.update('path', undefined, vscode.ConfigurationTarget.Global);
  await sleep(500);
  await diagnosticsOf(document, (all) => all.length > 3);
};

exports['twenty Dockerfiles open'] = async () => {
  const documents = [];
  const start = Date.now();
  for (let number = 0; number < 20; number++) {
    documents.push(await open(`many/${number}/Dockerfile`, { preview: false }));
  }
  const opened = Date.now();
  for (const document of documents) {
    await diagnosticsOf(document, (all) => all.length > 3);
  }
  const milliseconds = Date.now() - start;
  const afterLast = Date.now() - opened;
  const last = documents.at(-1);
  await changed(last, (edit) => edit.insert(last.uri, new vscode.Position(0, 0), 'MAINTAINER me\n'));
  const typed = Date.now();
  await diagnosticsOf(last, (all) => all.some(({ code }) => /maintainer/i.test(codeOf(code))));
  const afterEdit = Date.now() - typed;
  const megabytes = memoryOf(servers()[0]);
  await vscode.commands.executeCommand('workbench.action.files.revert');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  return { milliseconds, afterLast, afterEdit, megabytes };
};

exports['the lint task fills the problems of closed files'] = async () => {
  const tasks = await vscode.tasks.fetchTasks({ type: 'dflint' });
  assert.equal(tasks.length, 1);
  const ended = new Promise((resolve) => vscode.tasks.onDidEndTaskProcess(({ exitCode }) => resolve(exitCode)));
  await vscode.tasks.executeTask(tasks[0]);
  assert.equal(await ended, 1);
  const uri = vscode.Uri.file(path.join(folder(), 'many/3/Dockerfile'));
  await until(() => vscode.languages.getDiagnostics(uri).length > 3, 'the problems of a closed file');
};

exports['show cache opens the report'] = async () => {
  const document = await open('Dockerfile');
  await vscode.commands.executeCommand('dflint.showCache', document.uri);
  await until(() => webview('Cache: Dockerfile'), 'the report is open');
  await vscode.commands.executeCommand('workbench.action.closeAllEditors');
};

function webview(label) {
  const tabs = vscode.window.tabGroups.all.flatMap((group) => group.tabs);
  return tabs.some((tab) => tab.label === label && tab.input instanceof vscode.TabInputWebview);
}

function lineOf(document, text) {
  return document.lineAt(document.positionAt(document.getText().indexOf(text)).line);
}

function codeOf(code) {
  return String(code?.value ?? code);
}

/** Process ids of the servers that this extension host has started. */
function servers() {
  const table = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' });
  const rows = table.split('\n').map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line)).filter(Boolean);
  return rows.filter(([, , parent, command]) => Number(parent) === process.pid && / server\b/.test(command)).map(([, pid]) => Number(pid));
}

function memoryOf(pid) {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1000);
}
