// A real VS Code for a test: code-server with its own profile and extensions, and a headless Chromium that shows it.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const { chromium } = await import(process.env.PLAYWRIGHT);
const START_MILLISECONDS = 30_000;
const SHOWN_MILLISECONDS = 60_000;

/** What keeps VS Code quiet, so that pictures show the extension. */
const QUIET = {
  'telemetry.telemetryLevel': 'off',
  'workbench.startupEditor': 'none',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.autoCheckUpdates': false,
  'extensions.ignoreRecommendations': true,
  'workbench.enableExperiments': false,
  'workbench.tips.enabled': false,
  'chat.disableAIFeatures': true,
  'chat.commandCenter.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'workbench.welcomePage.walkthroughs.openOnInstall': false,
  'editor.minimap.enabled': false,
  'editor.fontFamily': 'DejaVu Sans Mono',
  'editor.accessibilitySupport': 'off',
  'files.autoSave': 'off',
  'git.enabled': false,
  'window.commandCenter': false,
  'window.restoreWindows': 'none',
};

export class Code {
  /**
   * @param {string} folder where profile and extensions are
   * @param {{ settings?: object, isTrusted?: boolean, env?: object }} options
   */
  constructor(folder, options = {}) {
    this.profile = path.join(folder, 'profile');
    this.extensions = path.join(folder, 'extensions');
    this.isTrusted = options.isTrusted ?? true;
    this.env = { ...process.env, ...options.env };
    const trust = { 'security.workspace.trust.startupPrompt': 'never', 'security.workspace.trust.banner': 'never' };
    const settings = { ...QUIET, ...trust, ...options.settings };
    // Settings of a machine's own, such as paths, are read where the extension host runs.
    for (const place of ['User', 'Machine']) {
      mkdirSync(path.join(this.profile, place), { recursive: true });
      writeFileSync(path.join(this.profile, place, 'settings.json'), JSON.stringify(settings, undefined, 1));
    }
  }

  #arguments() {
    return [process.env.CODE_SERVER, '--user-data-dir', this.profile, '--extensions-dir', this.extensions];
  }

  install(...packages) {
    for (const one of packages) {
      const done = spawnSync(process.execPath, [...this.#arguments(), '--install-extension', one], { encoding: 'utf8' });
      if (done.status !== 0) {
        throw new Error(`installing ${one}: ${done.stdout}${done.stderr}`);
      }
    }
  }

  /** Start it and show a folder. Gives the page. */
  async open(workspace) {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const trust = this.isTrusted ? ['--disable-workspace-trust'] : [];
    const flags = ['--auth', 'none', '--bind-addr', `127.0.0.1:${port}`, '--disable-telemetry', '--disable-update-check', ...trust];
    // A group of its own: the extension host is a child of a child, and has to end as well.
    this.server = spawn(process.execPath, [...this.#arguments(), '--disable-getting-started-override', ...flags, workspace], {
      stdio: 'ignore', detached: true, env: this.env,
    });
    await until(async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok, START_MILLISECONDS, 'code-server answers');
    this.browser = await chromium.launch({
      executablePath: process.env.CHROMIUM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-sync'],
    });
    const context = await this.browser.newContext({ viewport: { width: 1280, height: 800 } });
    this.page = await context.newPage();
    /** Hosts that the browser asked for, besides this machine. */
    this.asked = new Set();
    this.page.on('request', (request) => {
      const url = new URL(request.url());
      if (/^(https?|wss?):$/.test(url.protocol) && url.hostname !== '127.0.0.1' && !url.hostname.endsWith('localhost')) {
        this.asked.add(url.hostname);
      }
    });
    await this.page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(workspace)}`);
    await this.page.waitForSelector('.monaco-workbench', { timeout: SHOWN_MILLISECONDS });
    return this.page;
  }

  async openFile(name) {
    const row = this.page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
    await row.waitFor({ timeout: SHOWN_MILLISECONDS });
    await row.dblclick();
    await this.page.waitForSelector('.monaco-editor .view-lines .view-line', { timeout: SHOWN_MILLISECONDS });
  }

  async command(title) {
    await this.page.keyboard.press('F1');
    await this.page.waitForSelector('.quick-input-widget input');
    await this.page.locator('.quick-input-widget input').first().fill(`>${title}`);
    await this.page.locator('.quick-input-list .monaco-list-row', { hasText: title }).first().click();
  }

  async close() {
    await this.browser?.close().catch(() => {});
    if (this.server?.pid !== undefined) {
      try {
        process.kill(-this.server.pid, 'SIGTERM');
        await sleep(300);
        process.kill(-this.server.pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }
}

/** Wait until something holds; errors of the question count as no. */
export async function until(question, milliseconds, what) {
  const end = Date.now() + milliseconds;
  while (Date.now() < end) {
    if (await Promise.resolve().then(question).catch(() => false)) {
      return;
    }
    await sleep(50);
  }
  throw new Error(`not within ${milliseconds / 1000} s: ${what}`);
}

/** Run a suite inside the extension host. Gives the outcomes of its tests. */
export async function runInHost(code, workspace, suite, results, milliseconds) {
  mkdirSync(results, { recursive: true });
  const report = path.join(results, `host.mjs-${path.basename(suite, '.js')}.json`);
  code.env = { ...code.env, DFLINT_TEST_SUITE: suite, DFLINT_TEST_REPORT: report };
  try {
    await code.open(workspace);
    await until(() => existsSync(report), milliseconds, `the suite ${path.basename(suite)} ends`);
  } catch (error) {
    await code.page?.screenshot({ path: path.join(results, `${path.basename(suite, '.js')}-failed.png`) });
    throw error;
  } finally {
    await code.close();
  }
  return JSON.parse(readFileSync(report, 'utf8'));
}
