import { type ChildProcess, spawn } from 'node:child_process';
import * as vscode from 'vscode';
import type * as ClientModule from './client';
import type { Connection } from './client';
import { Finder, type Launch, NoPythonError } from './launch';
import { serverSettings } from './settings';
import type { Status } from './status';

const RESTART = 'Restart Server';
const SHOW_LOG = 'Show Log';
const SELECT = 'Select Interpreter';
const GET_PYTHON = 'Get Python';

/** The server of this window: found, started, started again; never more than one at a time. */
export class Server implements vscode.Disposable {
  private readonly finder: Finder;
  private connection: Connection | undefined;
  private process: ChildProcess | undefined;
  private current: Launch | undefined;
  private pending: Promise<void> = Promise.resolve();
  private readonly started = new vscode.EventEmitter<void>();
  /** Fires when a server begins to answer. */
  readonly onStart = this.started.event;

  constructor(extension: vscode.ExtensionContext, private readonly log: vscode.LogOutputChannel, private readonly status: Status) {
    this.finder = new Finder(extension);
  }

  /** How the running server was started, which is how the command line is started, too. */
  get launch(): Launch | undefined {
    return this.current;
  }

  /** Start, or stop and start; calls queue up. */
  restart(): Promise<void> {
    this.pending = this.pending.then(() => this.stop()).then(() => this.start());
    return this.pending;
  }

  /** Run a command of the server. Raises if there is no server, or if the command fails. */
  async execute<T>(command: string, ...given: unknown[]): Promise<T> {
    await this.pending;
    if (this.connection === undefined) {
      throw new Error('the server does not run');
    }
    return (await this.connection.execute(command, ...given)) as T;
  }

  dispose(): Promise<void> {
    this.pending = this.pending.then(() => this.stop());
    return this.pending;
  }

  private async stop(): Promise<void> {
    const connection = this.connection;
    this.connection = undefined;
    await connection?.stop().catch((error: unknown) => this.log.warn(`stopping: ${String(error)}`));
    this.process?.kill(); // one that hangs
    this.process = undefined;
  }

  private async start(): Promise<void> {
    const settings = serverSettings();
    if (!settings.enable) {
      this.status.disabled();
      return;
    }
    this.status.starting();
    try {
      await this.startOne(await this.finder.find(settings));
    } catch (error) {
      if (error instanceof NoPythonError) {
        this.noPython(error);
      } else {
        this.failed(error);
      }
    }
  }

  /** Start one server; in place of one that does not start, the bundled one with a Python that is asked first. */
  private async startOne(launch: Launch): Promise<void> {
    try {
      await this.connect(launch);
    } catch (error) {
      if (launch.isBundled && launch.isCertain) {
        throw error;
      }
      this.log.error(`the server of ${launch.description} does not start: ${String(error)}; trying the bundled one`);
      await this.connect(await this.finder.bundled(undefined));
    }
  }

  private async connect(launch: Launch): Promise<void> {
    this.current = launch;
    this.log.info(`starting the server: ${launch.description}`);
    // Python starts while the client is loaded.
    let first: Promise<ChildProcess> | undefined = startProcess(launch);
    const { connect } = require('./client') as typeof ClientModule;
    const start = async (): Promise<ChildProcess> => {
      const started = first ?? startProcess(launch);
      first = undefined;
      this.process = await started;
      return this.process;
    };
    this.connection = await connect(start, this.log, {
      started: (version) => {
        this.log.info(`the server answers: dflint ${version}`);
        this.status.running(version, launch.description);
        void this.finder.describe(launch).then((description) => this.status.running(version, description));
        this.started.fire();
      },
      crashed: () => {
        this.log.error('the server ended by itself; starting it again');
        this.status.starting();
      },
      gaveUp: () => this.failed(new Error('it ended by itself five times within three minutes')),
    });
  }

  private failed(error: unknown): void {
    this.log.error(`no server: ${String(error)}`);
    this.status.failed('the server does not run');
    void this.offer(`dflint: the server does not run: ${error instanceof Error ? error.message : String(error)}`, RESTART, SHOW_LOG);
  }

  private noPython(error: NoPythonError): void {
    this.log.error(error.message);
    this.status.failed('no Python');
    void this.offer(error.message, SELECT, GET_PYTHON, SHOW_LOG);
  }

  private async offer(message: string, ...buttons: string[]): Promise<void> {
    const pressed = await vscode.window.showErrorMessage(message, ...buttons);
    if (pressed === RESTART) {
      await vscode.commands.executeCommand('dflint.restart');
    } else if (pressed === SHOW_LOG) {
      this.log.show();
    } else if (pressed === SELECT) {
      await vscode.commands.executeCommand('dflint.selectInterpreter');
    } else if (pressed === GET_PYTHON) {
      await vscode.env.openExternal(vscode.Uri.parse('https://www.python.org/downloads/'));
    }
  }
}

/** Start a server process. Raises if the program cannot be started. */
function startProcess(launch: Launch): Promise<ChildProcess> {
  const child = spawn(launch.program, [...launch.first, 'server', '--stdio'], {
    cwd: launch.cwd,
    env: { ...process.env, PYTHONUNBUFFERED: '1', PYTHONUTF8: '1' },
    windowsHide: true,
  });
  return new Promise((resolve, reject) => {
    child.once('spawn', () => resolve(child));
    child.once('error', reject);
    child.stdin.on('error', () => undefined); // that it has ended is told by the other streams
  });
}
