// Activation in a workspace that does not call for it.
const assert = require('node:assert/strict');
const vscode = require('vscode');

exports['activation takes no time'] = async () => {
  const [empty, milliseconds] = [await activation('dflint.baseline'), await activation('dflint.dflint')];
  assert.ok(milliseconds - empty < 50, `${milliseconds} ms, an empty extension ${empty} ms`);
  return { milliseconds, empty };
};

async function activation(identifier) {
  const extension = vscode.extensions.getExtension(identifier);
  assert.equal(extension.isActive, false, 'nothing here calls for it');
  const start = performance.now();
  await extension.activate();
  return performance.now() - start;
}
