import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { VERSION } from '../src/app/assets.ts';
import { readSettings } from '../src/settings.ts';
import { temporaryFolder } from './support/process.ts';

/** A settings file with this text. */
const settingsFile = (text: string) => {
  const folder = temporaryFolder();
  const path = join(folder.path, 'my.env');
  writeFileSync(path, text);
  return { path, [Symbol.dispose]: () => folder[Symbol.dispose]() };
};

const refusalOf = (options: Parameters<typeof readSettings>[0]): string => {
  try {
    readSettings(options);
  } catch (error) {
    return (error as Error).message;
  }
  throw new Error('the settings were accepted');
};

const reported = (name: string, options: Parameters<typeof readSettings>[0]) =>
  readSettings(options).report.find((line) => line.startsWith(`${name}=`));

test('the order is: prefixed in the environment, plain in the environment, prefixed in the file, plain in the file', () => {
  using file = settingsFile('PORT=1\nSIGNALBOX_PORT=2\n');
  using plain = settingsFile('PORT=1\n');
  const all = { PORT: '3', SIGNALBOX_PORT: '4' };
  const portOf = (environment: Record<string, string>, path?: string) =>
    readSettings({ environment, file: path }).config.port;
  expect(portOf(all, file.path)).toBe(4);
  expect(portOf({ PORT: '3' }, file.path)).toBe(3);
  expect(portOf({}, file.path)).toBe(2);
  expect(portOf({}, plain.path)).toBe(1);
  expect(portOf({ SIGNALBOX_CONFIG: plain.path })).toBe(1);
  expect(portOf({})).toBe(4000);
});

test('an empty variable counts as left out, so that the next one is used', () => {
  using file = settingsFile('WORKERS=5\n');
  const settings = readSettings({ environment: { SIGNALBOX_WORKERS: '', WORKERS: '' }, file: file.path });
  expect(settings.config.workers).toBe(5);
});

test('credentials of cloud storage have the prefix too', () => {
  const environment = { SIGNALBOX_AWS_REGION: 'eu-west-1', AWS_REGION: 'us-east-1', AZURE_ACCOUNT_KEY: 'k' };
  expect(readSettings({ environment }).config.serverCredentials).toEqual({
    AWS_REGION: 'eu-west-1',
    AZURE_ACCOUNT_KEY: 'k',
  });
});

test('the report names the source of each value, and no secret', () => {
  using file = settingsFile("# ours\nexport LOG_LEVEL='debug'\nAZURE_ACCOUNT_KEY=hunter2\n");
  const options = {
    environment: { SIGNALBOX_PORT: '4100', PORT: '4000', SIGNALBOX_SECRET: 'correct horse battery' },
    file: file.path,
  };
  expect(reported('PORT', options)).toBe(
    'PORT=4100  # SIGNALBOX_PORT in the environment, instead of 4000 of PORT in the environment',
  );
  expect(reported('LOG_LEVEL', options)).toBe(`LOG_LEVEL=debug  # LOG_LEVEL in ${file.path}`);
  expect(reported('SIGNALBOX_SECRET', options)).toBe('SIGNALBOX_SECRET=…  # SIGNALBOX_SECRET in the environment');
  expect(reported('AZURE_ACCOUNT_KEY', options)).toBe(`AZURE_ACCOUNT_KEY=…  # AZURE_ACCOUNT_KEY in ${file.path}`);
  expect(reported('AUTH', options)).toBe('AUTH=insecure  # default');
  expect(reported('AWS_REGION', options)).toBe('AWS_REGION=  # not set');
  expect(readSettings(options).report.join()).not.toMatch(/horse|hunter/);
});

test('a message names the variable as it was given, and the file that has it', () => {
  using file = settingsFile('SIGNALBOX_WORKERS=none\n');
  expect(refusalOf({ environment: { SIGNALBOX_PORT: 'x' } })).toBe(
    'SIGNALBOX_PORT=x: must be a whole number from 0 to 65535',
  );
  expect(refusalOf({ environment: { SIGNALBOX_AZURE_ACCOUNT_KEY: 'hunter2', PORT: '-1' } })).toBe(
    'PORT=-1: must be a whole number from 0 to 65535',
  );
  expect(refusalOf({ environment: {}, file: file.path })).toBe(
    `${file.path}: SIGNALBOX_WORKERS=none: must be a whole number from 1 to 1024`,
  );
});

test('an unknown name is an error in the file, and a warning in the environment if it has the prefix', () => {
  using file = settingsFile('DATADIR=x\nSIGNALBOX_PROT=1\nCOLOUR=red\n');
  expect(refusalOf({ environment: {}, file: file.path }).split('\n').toSorted()).toEqual([
    `${file.path}: COLOUR is not a setting`,
    `${file.path}: DATADIR is not a setting: did you mean DATA_DIR?`,
    `${file.path}: SIGNALBOX_PROT is not a setting: did you mean SIGNALBOX_PORT?`,
  ]);
  const environment = { SIGNALBOX_WORKER: '1', SIGNALBOX_USER: 'ann', SIGNALBOX_COLOUR: 'red', DATADIR: 'x' };
  expect(readSettings({ environment }).warnings).toEqual([
    'SIGNALBOX_WORKER is not a setting of Signalbox: did you mean SIGNALBOX_WORKERS?',
    'SIGNALBOX_COLOUR is not a setting of Signalbox',
  ]);
});

test('a file with another syntax is refused with the line, and a file that is missing with its name', () => {
  using file = settingsFile('PORT=1\n\n{ "PORT": 2 }\n');
  expect(refusalOf({ environment: {}, file: file.path })).toBe(`${file.path}:3: must be NAME=value`);
  expect(refusalOf({ environment: {}, file: '/nowhere/my.env' })).toMatch(
    /^--config=\/nowhere\/my.env: the settings file cannot be read: ENOENT/,
  );
  expect(refusalOf({ environment: { SIGNALBOX_CONFIG: '/nowhere/my.env' } })).toMatch(
    /^SIGNALBOX_CONFIG=\/nowhere\/my.env: the settings file cannot be read: ENOENT/,
  );
});

const run = (args: readonly string[], environment: Readonly<Record<string, string>> = {}) => {
  using folder = temporaryFolder();
  writeFileSync(join(folder.path, 'signalbox.env'), 'PORT=4321\n');
  const { status, stdout, stderr } = spawnSync(process.execPath, [resolve('dist/main.js'), ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH, ...environment },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
};

test('--check prints the settings, also those of signalbox.env in the working directory, and starts nothing', () => {
  const { status, stdout, stderr } = run(['--check'], { SIGNALBOX_WORKER: '1' });
  expect([status, stderr]).toEqual([
    0,
    'SIGNALBOX_WORKER is not a setting of Signalbox: did you mean SIGNALBOX_WORKERS?\n',
  ]);
  expect(stdout).toMatch(/^PORT=4321 {2}# PORT in .*signalbox\.env$/m);
  expect(run(['--check'], { PORT: 'x' })).toEqual({
    status: 1,
    stdout: '',
    stderr: 'PORT=x: must be a whole number from 0 to 65535\n',
  });
});

test('an unknown argument is refused by name, and --version and --help answer', () => {
  expect(run(['--chek'])).toEqual({
    status: 1,
    stdout: '',
    stderr: "unknown option '--chek'; --help lists the options\n",
  });
  expect(run(['now']).stderr).toMatch(/^unexpected argument 'now'.*; --help lists the options\n$/);
  expect(run(['--config']).stderr).toMatch(/^option '--config.*; --help lists the options\n$/);
  expect(run(['--version'])).toEqual({ status: 0, stdout: `${VERSION}\n`, stderr: '' });
  expect(run(['--help']).stdout).toMatch(/^Usage: npm start/);
});
