import { execFile } from 'node:child_process';
import { access, constants, realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';

/** The oldest Python that runs the server. */
export const OLDEST: readonly [number, number] = [3, 10];
const NEWEST_TRIED = 16;
const PROBE_SECONDS = 10;
const IS_WINDOWS = process.platform === 'win32';
const PROBE = 'import sys; print(*sys.version_info[:3], sys.executable, sep="\\n")';

/** A Python that was started and told its version. */
export interface Python {
  readonly program: string;
  readonly version: readonly [number, number, number];
}

export function isUsable(python: Python): boolean {
  const [major, minor] = python.version;
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** Starts Pythons to ask for their version, and remembers what they said for as long as the file is the same. */
export class Pythons {
  constructor(private readonly memory: vscode.Memento) {}

  /** What a program says of itself; nothing if it is no Python or does not run. */
  async ask(program: string): Promise<Python | undefined> {
    const key = await identity(program);
    if (key === undefined) {
      return undefined;
    }
    const known = this.memory.get<Python>(key);
    if (known !== undefined) {
      return known;
    }
    const told = await probe(program);
    if (told !== undefined) {
      await this.memory.update(key, told);
    }
    return told;
  }

  /** What was learnt of a program in an earlier session. */
  async remembered(program: string): Promise<Python | undefined> {
    const key = await identity(program);
    return key === undefined ? undefined : this.memory.get<Python>(key);
  }

  /** The first Python on PATH that is new enough. Folders that `isAllowed` refuses are not looked at. */
  async onPath(isAllowed: (folder: string) => boolean): Promise<Python | undefined> {
    const seen = new Set<string>();
    for await (const program of candidates(isAllowed)) {
      const real = await realpath(program).catch(() => program);
      if (seen.has(real)) {
        continue;
      }
      seen.add(real);
      const python = await this.ask(program);
      if (python !== undefined && isUsable(python)) {
        return python;
      }
    }
    return undefined;
  }
}

/** The first program on PATH that may be a Python; it was not started. */
export async function likelyPython(isAllowed: (folder: string) => boolean): Promise<string | undefined> {
  for await (const program of candidates(isAllowed)) {
    return program;
  }
  return undefined;
}

/** The first program of a name in the folders of PATH. */
export async function which(name: string, isAllowed: (folder: string) => boolean): Promise<string | undefined> {
  for (const folder of folders(isAllowed)) {
    for (const extension of IS_WINDOWS ? ['.exe'] : ['']) {
      const program = path.join(folder, name + extension);
      if (await isProgram(program)) {
        return program;
      }
    }
  }
  return undefined;
}

export async function isProgram(program: string): Promise<boolean> {
  try {
    await access(program, IS_WINDOWS ? constants.F_OK : constants.X_OK);
    return (await stat(program)).isFile();
  } catch {
    return false;
  }
}

function folders(isAllowed: (folder: string) => boolean): string[] {
  const written = (process.env['PATH'] ?? '').split(path.delimiter);
  const more = process.platform === 'darwin' ? ['/opt/homebrew/bin', '/usr/local/bin'] : [];
  return [...written, ...more].filter((folder) => path.isAbsolute(folder) && isAllowed(folder));
}

/** Pythons on PATH: `python3` and `python` of all folders, then those with a version in their name. */
async function* candidates(isAllowed: (folder: string) => boolean): AsyncGenerator<string> {
  const names = ['python3', 'python'];
  for (let minor = NEWEST_TRIED; minor >= OLDEST[1]; minor--) {
    names.push(`python3.${minor}`);
  }
  for (const name of names) {
    for (const folder of folders(isAllowed)) {
      const program = path.join(folder, IS_WINDOWS ? `${name}.exe` : name);
      if ((await isProgram(program)) && !(await isStub(program))) {
        yield program;
      }
    }
  }
  const launcher = IS_WINDOWS ? await which('py', isAllowed) : undefined;
  if (launcher !== undefined) {
    yield launcher;
  }
}

/** Whether a program only offers to install Python: Microsoft's in WindowsApps, and Apple's without its tools. */
async function isStub(program: string): Promise<boolean> {
  if (IS_WINDOWS) {
    return /\\WindowsApps\\/i.test(program) && (await stat(program)).size === 0;
  }
  if (process.platform === 'darwin' && path.dirname(program) === '/usr/bin') {
    return !(await isProgram('/Library/Developer/CommandLineTools/usr/bin/python3')) &&
      !(await isProgram('/Applications/Xcode.app/Contents/Developer/usr/bin/python3'));
  }
  return false;
}

async function identity(program: string): Promise<string | undefined> {
  try {
    const found = await stat(await realpath(program));
    return `python:${program}:${found.mtimeMs}:${found.size}`;
  } catch {
    return undefined;
  }
}

function probe(program: string): Promise<Python | undefined> {
  return new Promise((resolve) => {
    // Isolated and without site: nothing but the interpreter itself runs.
    execFile(program, ['-I', '-S', '-c', PROBE], { timeout: PROBE_SECONDS * 1000, windowsHide: true }, (error, output) => {
      const [major, minor, patch, executable] = output.split(/\r?\n/);
      if (error !== null || !executable) {
        resolve(undefined);
        return;
      }
      resolve({ program: path.isAbsolute(executable) ? executable : program, version: [Number(major), Number(minor), Number(patch)] });
    });
  });
}
