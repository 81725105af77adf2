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
const DOCKERFILES = '**/{*[Dd]ockerfile*,*Containerfile*}';
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
  const watchers = [WATCHED, DOCKERFILES].map((pattern) => vscode.workspace.createFileSystemWatcher(pattern));
  const changes = new WorkspaceChanges(...watchers);
  const client = new LanguageClient('dflint', 'dflint', start, options(log, crashes, watchers, changes));
  const stop = async (): Promise<void> => {
    vscode.Disposable.from(...watchers, changes).dispose();
    await client.dispose(STOP_MILLISECONDS);
  };
  client.onDidChangeState((change) => {
    if (change.newState === State.Running) {
      crashes.hasStarted = true;
      listener.started(client.initializeResult?.serverInfo?.version ?? '');
    }
  });
  try {
    await client.start();
  } catch (error) {
    await stop().catch(() => undefined);
    throw error;
  }
  return {
    execute: (command, ...given) => client.sendRequest('workspace/executeCommand', { command, arguments: given }),
    stop,
  };
}

function options(
  log: vscode.LogOutputChannel, errorHandler: ErrorHandler, fileEvents: vscode.FileSystemWatcher[], changes: WorkspaceChanges,
): LanguageClientOptions {
  const configuration = vscode.workspace.getConfiguration('dflint');
  return {
    documentSelector: SELECTOR as NonNullable<LanguageClientOptions['documentSelector']>,
    outputChannel: log,
    revealOutputChannelOn: RevealOutputChannelOn.Never,
    initializationOptions: () => settingsForServer(),
    synchronize: { configurationSection: 'dflint', fileEvents },
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
      provideWorkspaceDiagnostics: async (resultIds, token, report, next) => {
        await changes.next(token);
        const isWanted = vscode.workspace.getConfiguration('dflint').get('lintWorkspace') && !token.isCancellationRequested;
        return isWanted ? next(resultIds, token, report) : { items: [] };
      },
      workspace: {
        configuration: async (params, token, next) => {
          const answers = await next(params, token);
          return Array.isArray(answers) ? answers.map((answer: unknown, at) => (params.items[at]?.section === 'dflint' ? settingsForServer() : answer)) : answers;
        },
      },
      provideDocumentFormattingEdits: (document, format, token, next) =>
        vscode.workspace.getConfiguration('dflint').get('format.enable') ? next(document, format, token) : [],
    },
  };
}

/** The server's settings. In an untrusted workspace git is not run for hints, and ShellCheck, a program of its own, is not. */
function settingsForServer(): Record<string, unknown> {
  const { hints, lenses, shellcheck } = vscode.workspace.getConfiguration().get<Record<string, unknown>>('dflint', {});
  if (vscode.workspace.isTrusted) {
    return { hints, lenses, shellcheck };
  }
  return { hints: { ...(hints as object), history: false }, lenses, shellcheck: false };
}

/** Holds requests for the diagnostics of closed files until something has changed: the client asks every two seconds. */
class WorkspaceChanges implements vscode.Disposable {
  private hasChanged = true;
  private readonly changed = new vscode.EventEmitter<void>();
  private readonly subscriptions: vscode.Disposable[];

  constructor(...watchers: readonly vscode.FileSystemWatcher[]) {
    const note = (): void => {
      this.hasChanged = true;
      this.changed.fire();
    };
    this.subscriptions = watchers.flatMap((watcher) => [watcher.onDidChange(note), watcher.onDidCreate(note), watcher.onDidDelete(note)]);
    this.subscriptions.push(vscode.workspace.onDidSaveTextDocument(note), vscode.workspace.onDidChangeConfiguration(note), this.changed);
  }

  async next(token: vscode.CancellationToken): Promise<void> {
    while (!this.hasChanged && !token.isCancellationRequested) {
      await new Promise<void>((resolve) => {
        const waits = [this.changed.event(() => end()), token.onCancellationRequested(() => end())];
        const end = (): void => {
          waits.forEach((wait) => wait.dispose());
          resolve();
        };
      });
    }
    this.hasChanged = false;
  }

  dispose(): void {
    this.subscriptions.forEach((subscription) => subscription.dispose());
  }
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
