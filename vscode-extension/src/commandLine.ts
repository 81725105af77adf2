import { type ChildProcess, spawn } from 'node:child_process';
import { StringDecoder } from 'node:string_decoder';
import * as vscode from 'vscode';
import type { Launch } from './launch';
import type { Server } from './server';

/** How long a cancelled run may take to end by itself. After that it is killed, and its own janitor tidies up. */
const PATIENCE_MILLISECONDS = 5000;
/** The end of what a run wrote to standard error that is kept for a message. */
const KEPT_CHARACTERS = 2000;

/** How a run ended. */
export interface Outcome {
  /** The exit code; nothing if it was cancelled or could not be started. */
  readonly code: number | undefined;
  readonly isCancelled: boolean;
  /** The last lines that it wrote to standard error. */
  readonly complaint: string;
}

/** dflint's command line: the same dflint as the server's. */
export class CommandLine {
  constructor(private readonly server: Server, private readonly log: vscode.LogOutputChannel) {}

  /** Run a command in a folder; `write` gets what it writes while it runs. A cancelled run leaves nothing behind. */
  run(given: readonly string[], cwd: string, write: (text: string) => void, token: vscode.CancellationToken): Promise<Outcome> {
    const launch = this.server.launch;
    if (launch === undefined) {
      return Promise.resolve({ code: undefined, isCancelled: false, complaint: 'dflint was not found' });
    }
    this.log.info(`running dflint ${given.join(' ')}`);
    return new Promise((resolve) => follow(start(launch, given, cwd), write, token, resolve));
  }
}

function start(launch: Launch, given: readonly string[], cwd: string): ChildProcess {
  return spawn(launch.program, [...launch.first, ...given], {
    cwd,
    env: { ...process.env, PYTHONSAFEPATH: '1', PYTHONUNBUFFERED: '1', PYTHONUTF8: '1', NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
    windowsHide: true,
  });
}

function follow(child: ChildProcess, write: (text: string) => void, token: vscode.CancellationToken, resolve: (outcome: Outcome) => void): void {
  let complaint = '';
  let kill: NodeJS.Timeout | undefined;
  const cancelled = token.onCancellationRequested(() => {
    child.kill('SIGTERM'); // SIGINT may be ignored, as in all that a shell started in the background
    kill = setTimeout(() => child.kill('SIGKILL'), PATIENCE_MILLISECONDS);
  });
  for (const [stream, isError] of [[child.stdout, false], [child.stderr, true]] as const) {
    const decoder = new StringDecoder('utf8');
    stream?.on('data', (bytes: Buffer) => {
      const text = decoder.write(bytes);
      complaint = isError ? (complaint + text).slice(-KEPT_CHARACTERS) : complaint;
      write(text);
    });
  }
  const end = (code: number | undefined): void => {
    clearTimeout(kill);
    cancelled.dispose();
    resolve({ code, isCancelled: token.isCancellationRequested, complaint: complaint.trim() });
  };
  child.once('error', (error) => {
    complaint = error.message;
    end(undefined);
  });
  child.once('close', (code) => end(code ?? undefined));
}
