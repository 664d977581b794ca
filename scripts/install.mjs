// Installs what only tests (`test`) or benchmarks (`bench`) need, in their own folder, when it is not there yet.
import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL(`../${process.argv[2]}`, import.meta.url));
const lock = `${folder}/package-lock.json`;
const mark = `${folder}/node_modules/.signalbox-lock.json`;

if (!existsSync(mark) || readFileSync(mark, 'utf8') !== readFileSync(lock, 'utf8')) {
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
  copyFileSync(lock, mark);
}
