// Before tests and type checks: installs what is missing, so that `npm test` works as the first command in a clone. What
// only tests need, such as a browser, is in a folder of its own.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = join(root, 'test');
const lock = join(folder, 'package-lock.json');
/** A copy of the lock file that was installed. */
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
