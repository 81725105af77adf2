import * as path from 'node:path';
import * as vscode from 'vscode';
import { isProgram, isUsable, likelyPython, OLDEST, type Python, Pythons, which } from './python';
import { selectedInterpreter } from './pythonExtension';
import type { ServerSettings } from './settings';

/** How dflint is started: `program ...first COMMAND ...`. */
export interface Launch {
  readonly program: string;
  readonly first: readonly string[];
  /** Never the workspace, which must not be a place to import from. */
  readonly cwd: string;
  readonly isBundled: boolean;
  /** Whether the bundled one's Python is known to be new enough. If not, the server itself refuses to start. */
  readonly isCertain: boolean;
  /** For people. */
  readonly description: string;
}

/** No Python to run dflint; the message says what was looked for. */
export class NoPythonError extends Error {}

/**
 * Finds the dflint to start. In an untrusted workspace the bundled one alone; otherwise the first of: `dflint.path`, the
 * bundled one if it is asked for, the one installed beside the chosen interpreter, the one on PATH, the bundled one.
 */
export class Finder {
  private readonly pythons: Pythons;

  constructor(private readonly extension: vscode.ExtensionContext) {
    this.pythons = new Pythons(extension.globalState);
  }

  async find(settings: ServerSettings): Promise<Launch> {
    const other = vscode.workspace.isTrusted ? ((await this.named(settings)) ?? (await this.installed(settings))) : undefined;
    if (other !== undefined) {
      return other;
    }
    const chosen = vscode.workspace.isTrusted ? await this.chosen(settings) : undefined;
    return chosen === undefined ? this.quickest() : this.bundled(chosen);
  }

  /** The bundled dflint, run by the first Python on PATH; one that is met for the first time is not asked for its version. */
  private async quickest(): Promise<Launch> {
    const program = await likelyPython(isAllowed);
    if (program === undefined) {
      return this.bundled(undefined);
    }
    const known = await this.pythons.remembered(program);
    return known === undefined ? this.start(program, program, false) : this.bundled(program);
  }

  /** The bundled dflint, run by a given interpreter or the first on PATH. Raises `NoPythonError`. */
  async bundled(interpreter: string | undefined): Promise<Launch> {
    const wanted = interpreter === undefined ? undefined : await this.pythons.ask(interpreter);
    const python = wanted !== undefined && isUsable(wanted) ? wanted : await this.pythons.onPath(isAllowed);
    if (python === undefined) {
      throw new NoPythonError(`dflint needs Python ${OLDEST.join('.')} or later, and none was found on PATH.`);
    }
    return this.start(python.program, described(python), true);
  }

  /** How a Python that served is called; it is remembered. */
  async describe(launch: Launch): Promise<string> {
    const python = launch.isBundled ? await this.pythons.ask(launch.program) : undefined;
    return python === undefined ? launch.description : `bundled, ${described(python)}`;
  }

  private start(program: string, description: string, isCertain: boolean): Launch {
    // Isolated and without site: what runs is what came with the extension. (-I ignores the environment's PYTHONUTF8.)
    const first = ['-I', '-S', '-X', 'utf8', '-u', this.extension.asAbsolutePath(path.join('bundled', 'start.py'))];
    return { program, first, cwd: this.cwd, isBundled: true, isCertain, description: `bundled, ${description}` };
  }

  private get cwd(): string {
    return this.extension.asAbsolutePath('bundled');
  }

  private async named(settings: ServerSettings): Promise<Launch | undefined> {
    for (const program of settings.path) {
      if (await isProgram(program)) {
        return this.program(program, 'dflint.path');
      }
    }
    return undefined;
  }

  private async installed(settings: ServerSettings): Promise<Launch | undefined> {
    if (settings.importStrategy === 'useBundled') {
      return undefined;
    }
    const interpreter = await this.chosen(settings);
    const name = process.platform === 'win32' ? 'dflint.exe' : 'dflint';
    const beside = interpreter === undefined ? undefined : await besideInterpreter(interpreter, name);
    if (beside !== undefined) {
      return this.program(beside, 'environment');
    }
    const found = await which('dflint', isAllowed);
    return found === undefined ? undefined : this.program(found, 'PATH');
  }

  private program(program: string, where: string): Launch {
    return { program, first: [], cwd: this.cwd, isBundled: false, isCertain: true, description: `${where}: ${program}` };
  }

  private async chosen(settings: ServerSettings): Promise<string | undefined> {
    return settings.interpreter || (await selectedInterpreter());
  }
}

function described(python: Python): string {
  return `Python ${python.version.join('.')} (${python.program})`;
}

/** A script of an environment: beside its interpreter, on Windows also in the folder Scripts below it. */
async function besideInterpreter(interpreter: string, name: string): Promise<string | undefined> {
  const folder = path.dirname(interpreter);
  for (const program of [path.join(folder, name), path.join(folder, 'Scripts', name)]) {
    if (await isProgram(program)) {
      return program;
    }
  }
  return undefined;
}

/** Whether programs of a folder may run: in an untrusted workspace none of the workspace's own. */
export function isAllowed(folder: string): boolean {
  if (vscode.workspace.isTrusted) {
    return true;
  }
  return !(vscode.workspace.workspaceFolders ?? []).some((workspace) => {
    const relative = path.relative(workspace.uri.fsPath, folder);
    return !relative.startsWith('..') && !path.isAbsolute(relative);
  });
}
