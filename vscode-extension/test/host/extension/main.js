// Runs a suite of tests inside the extension host: each export that is a function is a test, in the order of the file.
const { existsSync, renameSync, writeFileSync } = require('node:fs');

exports.activate = async () => {
  const { DFLINT_TEST_SUITE: suite, DFLINT_TEST_REPORT: report } = process.env;
  if (!suite || existsSync(report)) {
    return;
  }
  const tests = require(suite);
  const outcomes = [];
  for (const [name, run] of Object.entries(tests)) {
    const start = Date.now();
    try {
      const told = await run();
      outcomes.push({ name, ok: true, milliseconds: Date.now() - start, told: told ?? null });
    } catch (error) {
      outcomes.push({ name, ok: false, milliseconds: Date.now() - start, told: String(error && error.stack) });
    }
  }
  writeFileSync(`${report}.part`, JSON.stringify(outcomes));
  renameSync(`${report}.part`, report);
};
