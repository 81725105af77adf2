// node host.mjs SUITE WORKSPACE FOLDER RESULTS [PACKAGE ...]: one suite in the extension host of a fresh VS Code.
// Options come as JSON in $DFLINT_TEST_OPTIONS: settings, isTrusted, seconds. Prints the outcomes as JSON.
import path from 'node:path';
import { Code, runInHost } from './code.mjs';

const [suite, workspace, folder, results, ...packages] = process.argv.slice(2);
const options = JSON.parse(process.env.DFLINT_TEST_OPTIONS ?? '{}');
const code = new Code(folder, options);
code.install(...packages);
const file = path.join(import.meta.dirname, 'host/suites', `${suite}.js`);
const outcomes = await runInHost(code, workspace, file, results, (options.seconds ?? 180) * 1000);
const hosts = [...(code.asked ?? [])];
outcomes.push({ name: 'no host is asked but the gallery, which VS Code asks itself', ok: hosts.every((host) => host === 'open-vsx.org'), told: hosts });
console.log(JSON.stringify(outcomes));
process.exit(0);
