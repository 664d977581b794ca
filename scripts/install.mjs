// Before tests and type checks: installs missing packages, so that `npm test` works as the first command in a clone.
// Packages that only tests need, such as a browser, are in a folder of their own.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test');
const lock = join(folder, 'package-lock.json');
/** A copy of the lock file of the last installation. */
const mark = join(folder, 'node_modules', '.signalbox-lock.json');

const install = (cwd) => {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
};

if (!existsSync(join(root, 'node_modules', 'vitest'))) install(root);
if (!existsSync(mark) || readFileSync(mark, 'utf8') !== readFileSync(lock, 'utf8')) {
  install(folder);
  copyFileSync(lock, mark);
}
