// Bundles src/ into out/. The language client, most of the code, is a file of its own that activation does not wait for.
import { rm } from 'node:fs/promises';
import { build } from 'esbuild';

await rm('out', { recursive: true, force: true });
const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  minify: true,
  sourcemap: process.argv.includes('--sourcemap'),
  legalComments: 'none',
  logLevel: 'warning',
};
await build({ ...common, entryPoints: ['src/extension.ts'], outfile: 'out/extension.js', external: ['vscode', './client'] });
await build({ ...common, entryPoints: ['src/client.ts'], outfile: 'out/client.js', external: ['vscode'] });
