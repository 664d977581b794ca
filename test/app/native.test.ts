import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../support/process.ts';

const VERSION = process.version;

/** What the built server says when better-sqlite3 throws this as a database is opened. */
const startWith = (error: string, path = process.env.PATH) => {
  using folder = temporaryFolder();
  const driver = join(folder.path, 'node_modules', 'better-sqlite3');
  mkdirSync(driver, { recursive: true });
  writeFileSync(join(driver, 'index.js'), `module.exports = class { constructor() { throw ${error}; } };`);
  for (const name of ['pino', 'zstd-napi']) symlinkSync(resolve('node_modules', name), join(driver, '..', name));
  cpSync('package.json', join(folder.path, 'package.json'));
  cpSync('dist', join(folder.path, 'dist'), { recursive: true, filter: (file) => !file.endsWith('graphiql.js') });
  const { status, stdout, stderr } = spawnSync(process.execPath, ['dist/main.js'], {
    cwd: folder.path,
    env: { PATH: path, PORT: '0' },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('a driver that was built for another Node is named, with the remedy', () => {
  const error = `Object.assign(new Error("The module 'x' was compiled against a different Node.js version using NODE_MODULE_VERSION 1"), { code: 'ERR_DLOPEN_FAILED' })`;
  expect(startWith(error)).toEqual({
    status: 1,
    stdout: '',
    stderr: `better-sqlite3 was built for another version of Node than ${VERSION}: run \`npm rebuild better-sqlite3\`\n`,
  });
});

test('a driver without a binary is named, with what is missing to compile it', () => {
  using empty = temporaryFolder();
  const { status, stderr } = startWith('new Error("Could not locate the bindings file. Tried: …")', empty.path);
  expect([status, stderr]).toEqual([
    1,
    `better-sqlite3 has no binary for Node ${VERSION} on ${process.platform}-${process.arch}: run \`npm rebuild better-sqlite3\`; to compile it, first install a C++ compiler, make, Python 3\n`,
  ]);
});

test('any other reason why a driver cannot be loaded is given in one line', () => {
  const { status, stderr } = startWith('new Error("GLIBC_2.38 not found\\nat somewhere")');
  expect([status, stderr]).toEqual([1, 'better-sqlite3 cannot be loaded: GLIBC_2.38 not found\n']);
});
