/** The language client, in a bundle of its own: activation does not load it. */
import { type ChildProcess } from 'node:child_process';
import * as vscode from 'vscode';
import {
  type CloseHandlerResult,
  CloseAction,
  type ErrorHandler,
  type ErrorHandlerResult,
  ErrorAction,
  LanguageClient,
  type LanguageClientOptions,
  type Message,
  RevealOutputChannelOn,
  State,
} from 'vscode-languageclient/node';

/** Files that findings depend on; `.dockerignore` files are documents of the server as well. */
const WATCHED = '**/{dflint.toml,pyproject.toml,.hadolint.yaml,.hadolint.yml,.dockerignore,*.dockerignore,package.json,requirements.txt,go.mod}';
/** Crashes within this time after which the server stays down. */
const CRASHES = 4;
const CRASHES_MILLISECONDS = 180_000;
const STOP_MILLISECONDS = 2000;

export const SELECTOR: vscode.DocumentSelector = [
  { language: 'dockerfile', scheme: 'file' },
  { language: 'dockerfile', scheme: 'untitled' },
  { pattern: '**/{.dockerignore,*.dockerignore}', scheme: 'file' },
];

/** What the rest of the extension hears of a server. */
export interface Listener {
  /** It answers; the version is what it says of itself. */
  started(version: string): void;
  /** It ended by itself and is started again. */
  crashed(): void;
  /** It ended by itself too often. */
  gaveUp(): void;
}

/** A running server. */
export interface Connection {
  /** Ask the server to run one of its commands. */
  execute(command: string, ...given: unknown[]): Promise<unknown>;
  stop(): Promise<void>;
}

/**
 * Connect to a server that `start` starts; it is called again after a crash. Raises if the first one does not come to
 * answer; then it is not started again.
 */
export async function connect(start: () => Promise<ChildProcess>, log: vscode.LogOutputChannel, listener: Listener): Promise<Connection> {
  const crashes = new Crashes(listener);
  const client = new LanguageClient('dflint', 'dflint', start, options(log, crashes));
  client.onDidChangeState((change) => {
    if (change.newState === State.Running) {
      crashes.hasStarted = true;
      listener.started(client.initializeResult?.serverInfo?.version ?? '');
    }
  });
  try {
    await client.start();
  } catch (error) {
    await client.dispose(STOP_MILLISECONDS).catch(() => undefined);
    throw error;
  }
  return {
    execute: (command, ...given) => client.sendRequest('workspace/executeCommand', { command, arguments: given }),
    stop: () => client.dispose(STOP_MILLISECONDS),
  };
}

function options(log: vscode.LogOutputChannel, errorHandler: ErrorHandler): LanguageClientOptions {
  const configuration = vscode.workspace.getConfiguration('dflint');
  return {
    documentSelector: SELECTOR as NonNullable<LanguageClientOptions['documentSelector']>,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: { settings: settingsForServer() },
    synchronize: { configurationSection: 'dflint', fileEvents: vscode.workspace.createFileSystemWatcher(WATCHED) },
    diagnosticPullOptions: { onChange: configuration.get('run') !== 'onSave', onSave: true },
    errorHandler,
    initializationFailedHandler: () => false,
    middleware: {
      provideCodeActions: async (document, range, context, token, next) => {
        const found = await next(document, range, context, token);
        if (!found || vscode.workspace.getConfiguration('dflint').get('fixAll')) {
          return found;
        }
        return found.filter((action) => !('kind' in action && action.kind && vscode.CodeActionKind.SourceFixAll.contains(action.kind)));
      },
      provideDocumentFormattingEdits: (document, format, token, next) =>
        vscode.workspace.getConfiguration('dflint').get('format.enable') ? next(document, format, token) : [],
    },
  };
}

/** The settings as a server gets them before it can ask: those of the window. */
function settingsForServer(): unknown {
  const { lint, configurationPreference } = vscode.workspace.getConfiguration().get<Record<string, unknown>>('dflint', {});
  return { lint, configurationPreference };
}

/** Starts a server again that ended, unless it does so over and over. */
class Crashes implements ErrorHandler {
  private readonly times: number[] = [];
  /** Whether one has ever answered. */
  hasStarted = false;

  constructor(private readonly listener: Listener) {}

  error(_error: Error, _message: Message | undefined, count: number | undefined): ErrorHandlerResult {
    return { action: (count ?? 0) <= 3 ? ErrorAction.Continue : ErrorAction.Shutdown, handled: true };
  }

  closed(): CloseHandlerResult {
    if (!this.hasStarted) {
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    const now = Date.now();
    this.times.push(now);
    const recent = this.times.filter((time) => now - time < CRASHES_MILLISECONDS);
    if (recent.length > CRASHES) {
      this.listener.gaveUp();
      return { action: CloseAction.DoNotRestart, handled: true };
    }
    this.listener.crashed();
    return { action: CloseAction.Restart, handled: true };
  }
}
