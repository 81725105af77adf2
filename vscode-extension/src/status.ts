import * as vscode from 'vscode';
import { isAllowed } from './launch';
import { which } from './python';

const SELECTOR: vscode.DocumentSelector = [{ language: 'dockerfile' }, { language: 'dockerignore' }];
const ENGINES = ['docker', 'podman', 'buildah'];

/** The items in the status bar's language menu: the server's state and version, and the engine for builds. */
export class Status implements vscode.Disposable {
  private readonly server = vscode.languages.createLanguageStatusItem('dflint.server', SELECTOR);
  private readonly engine = vscode.languages.createLanguageStatusItem('dflint.engine', SELECTOR);

  constructor() {
    this.server.name = 'dflint';
    this.server.command = { title: 'Show Log', command: 'dflint.showLog' };
    this.engine.name = 'dflint: engine';
    this.engine.text = 'Engine: not looked for yet';
  }

  starting(): void {
    this.show('dflint', 'starting', vscode.LanguageStatusSeverity.Information, true);
  }

  running(version: string, description: string): void {
    this.show(`dflint ${version}`, description, vscode.LanguageStatusSeverity.Information);
    void this.lookForEngine();
  }

  disabled(): void {
    this.show('dflint', 'switched off in the settings', vscode.LanguageStatusSeverity.Information);
  }

  failed(reason: string): void {
    this.show('dflint', reason, vscode.LanguageStatusSeverity.Error);
    this.server.command = { title: 'Restart', command: 'dflint.restart' };
  }

  dispose(): void {
    this.server.dispose();
    this.engine.dispose();
  }

  private show(text: string, detail: string, severity: vscode.LanguageStatusSeverity, isBusy = false): void {
    this.server.text = text;
    this.server.detail = detail;
    this.server.severity = severity;
    this.server.busy = isBusy;
    this.server.command = { title: 'Show Log', command: 'dflint.showLog' };
  }

  /** Which engine is installed; nothing is started. */
  private async lookForEngine(): Promise<void> {
    if (!vscode.workspace.isTrusted) {
      this.engine.text = 'Engine: none in an untrusted workspace';
      return;
    }
    for (const name of ENGINES) {
      if ((await which(name, isAllowed)) !== undefined) {
        this.engine.text = `Engine: ${name}`;
        this.engine.command = { title: 'Build Preview', command: 'dflint.buildPreview' };
        return;
      }
    }
    this.engine.text = 'Engine: no docker, podman or buildah on PATH';
  }
}
