// node ui.mjs SCENARIO WORKSPACE FOLDER RESULTS [PACKAGE ...]: what a user sees, driven by mouse and keyboard.
// Prints outcomes as JSON, as host.mjs does; pictures go to RESULTS.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Code, until } from './code.mjs';

const SQUIGGLE = '.monaco-editor .squiggly-error, .monaco-editor .squiggly-warning, .monaco-editor .squiggly-info';
const LIMIT = 30_000;
const [scenario, workspace, folder, results, ...packages] = process.argv.slice(2);
const options = JSON.parse(process.env.DFLINT_TEST_OPTIONS ?? '{}');
mkdirSync(results, { recursive: true });

const scenarios = {
  /** Milliseconds from the double click on a file in a fresh profile to the first squiggle. */
  async squiggle(code) {
    await code.open(workspace);
    await code.page.locator('.explorer-folders-view .monaco-list-row', { hasText: 'Dockerfile' }).first().waitFor({ timeout: LIMIT });
    // The extension host starts after the window; a user does not open a file in its first second either.
    await sleep(options.pause ?? 4000);
    const start = Date.now();
    await code.openFile('Dockerfile');
    await code.page.waitForSelector(SQUIGGLE, { timeout: LIMIT });
    return { milliseconds: Date.now() - start };
  },

  async tour(code) {
    const page = await code.open(workspace);
    await code.openFile('Dockerfile');
    await page.waitForSelector(SQUIGGLE, { timeout: LIMIT });
    await page.keyboard.press('Control+Shift+M');
    await page.waitForSelector('.markers-panel .monaco-list-row', { timeout: LIMIT });
    await sleep(1500);
    await picture(page, 'findings');

    await page.keyboard.press('Control+Shift+M');
    await page.locator('.view-line', { hasText: 'ENV' }).first().click({ position: { x: 40, y: 8 } });
    await sleep(500);
    await page.keyboard.press('Control+.');
    await page.waitForSelector('.action-widget .monaco-list-row', { timeout: LIMIT });
    await sleep(300);
    await picture(page, 'quick-fix');
    await page.keyboard.press('Enter');
    await until(async () => (await textOf(page)).includes('ENV NODE_ENV=production'), LIMIT, 'the fix is made by Enter');
    await page.keyboard.press('Control+Z');

    await page.getByRole('button', { name: 'Dockerfile Stages' }).first().click();
    await page.locator('.pane', { hasText: 'Dockerfile Stages' }).locator('.monaco-list-row').first().waitFor({ timeout: LIMIT });
    await code.command('dflint: Optimize Dockerfile');
    await page.waitForSelector('.monaco-diff-editor .line-insert', { timeout: LIMIT });
    await sleep(1000);
    await picture(page, 'optimize');
    await page.locator('.notification-toast').getByRole('button', { name: 'Reasons' }).click();
    const why = await frame(page, 'h1');
    assert.match(await why.locator('body').innerText(), /What changed, and why[^]*stage of its own/);
    await sleep(500);
    await picture(page, 'reasons');
    await page.locator('.tab', { hasText: 'Reasons' }).click({ button: 'middle' });
    await page.locator('.tab', { hasText: 'Reasons' }).waitFor({ state: 'detached', timeout: LIMIT });
    await page.locator('.tab', { hasText: 'original and rew' }).click();
    await code.command('dflint: Apply Rewrite');
    await until(async () => /AS build/.test(await textOf(page)), LIMIT, 'the rewrite is in the editor');
    await page.waitForSelector('.monaco-diff-editor', { state: 'detached', timeout: LIMIT });
    const stage = page.locator('.pane', { hasText: 'Dockerfile Stages' }).locator('.monaco-list-row', { hasText: 'needs build' });
    await stage.locator('.monaco-tl-twistie').click();
    await page.mouse.move(700, 700);
    await sleep(1500);
    await picture(page, 'stages');
    await page.keyboard.press('Control+Z');

    await code.command('dflint: Show Cache');
    const report = await frame(page, 'svg rect');
    assert.ok(await report.locator('svg').count() > 0);
    assert.equal(await report.locator('script').count(), 0);
    await page.mouse.move(600, 700);
    await sleep(1000);
    await picture(page, 'cache');
  },

  async preview(code) {
    const page = await code.open(workspace);
    await code.openFile('Dockerfile');
    await page.waitForSelector(SQUIGGLE, { timeout: LIMIT });
    await code.command('dflint: Optimize Dockerfile');
    await page.waitForSelector('.monaco-diff-editor .line-insert', { timeout: LIMIT });
    await page.locator('.notification-toast').getByRole('button', { name: 'Build Preview' }).click();
    await page.locator('.notification-toast', { hasText: 'Building' }).waitFor({ timeout: LIMIT });
    await sleep(2000);
    await picture(page, 'building');
    const report = await frame(page, '.bar', 600_000);
    await page.keyboard.press('Control+J');
    await sleep(1000);
    const text = await report.locator('body').innerText();
    assert.match(text, /Level \d of 5/);
    assert.match(text, /Size: [\d.]+.MB/);
    assert.equal(await report.locator('script').count(), 0);
    await picture(page, 'preview');
    return { told: text.split('\n').find((line) => line.startsWith('Size')) };
  },

  async cancelled(code) {
    const page = await code.open(workspace);
    await code.openFile('Dockerfile');
    await page.waitForSelector(SQUIGGLE, { timeout: LIMIT });
    await code.command('dflint: Build Preview');
    const toast = page.locator('.notification-toast', { hasText: 'Building' });
    await toast.waitFor({ timeout: LIMIT });
    await sleep(8000);
    await toast.getByRole('button', { name: 'Cancel' }).click();
    await page.locator('.view-line', { hasText: '> cancelled' }).waitFor({ timeout: LIMIT });
  },

  async 'no-python'(code) {
    const page = await code.open(workspace);
    await code.openFile('Dockerfile');
    const toast = page.locator('.notification-toast', { hasText: 'needs Python 3.10 or later' });
    await toast.waitFor({ timeout: LIMIT });
    for (const name of ['Select Interpreter', 'Get Python', 'Show Log']) {
      assert.ok(await toast.getByRole('button', { name }).isVisible(), name);
    }
    await picture(page, 'no-python');
  },
};

const code = new Code(folder, options);
const outcome = { name: scenario, ok: true, told: null };
const start = Date.now();
try {
  code.install(...packages);
  outcome.told = (await scenarios[scenario](code)) ?? null;
} catch (error) {
  outcome.ok = false;
  outcome.told = String(error.stack);
  await code.page?.screenshot({ path: path.join(results, `${scenario}-failed.png`) }).catch(() => {});
} finally {
  outcome.milliseconds = Date.now() - start;
  await code.close();
}
console.log(JSON.stringify([outcome]));
process.exit(0);

async function picture(page, name) {
  const file = path.join(results, `${name}.png`);
  await page.screenshot({ path: file });
  assert.ok(readFileSync(file).length > 10_000);
}

async function textOf(page) {
  return (await page.locator('.monaco-editor .view-lines').first().innerText()).replaceAll('\u00a0', ' ');
}

/** The frame of the webview whose page has something. */
async function frame(page, selector, milliseconds = LIMIT) {
  let found;
  await until(async () => {
    for (const one of page.frames()) {
      if (await one.locator(selector).count().catch(() => 0)) {
        found = one;
        return true;
      }
    }
    return false;
  }, milliseconds, `a report with ${selector}`);
  return found;
}
