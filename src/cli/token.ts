/** `npm run token`: creates a token in the job store, whether or not a server uses it at the moment. */
import { chmodSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { MIGRATIONS } from '../app/assets.ts';
import { SCOPES, type Scope } from '../auth/scope.ts';
import { ROOT } from '../auth/viewer.ts';
import { ConfigError } from '../config.ts';
import { createToken } from '../engine/tokens.ts';
import { messageOf } from '../errors.ts';
import { readSettings } from '../settings.ts';
import { administerStore } from '../store/open.ts';
import { visible, visibleLines } from '../terminal.ts';

const USAGE = `Usage: npm run token -- --user NAME [OPTION]...
Creates a token and prints it, alone on the last line. It is not shown again.

  --user NAME     the user who signs in with it
  --scope SCOPE   ${SCOPES.join(', ')} (default: FULL)
  --kinds LIST    the kinds of jobs that a WORKER may claim, separated by commas
  --expires TIME  how long it is valid: 90d, 12h, 30m or 45s (default: it does not expire)
  --name NOTE     a note about its use
  --config FILE   read settings from FILE, as the server does
  --help          print this and exit

A running server accepts the token immediately.`;

const OPTIONS = {
  user: { type: 'string' },
  scope: { type: 'string' },
  kinds: { type: 'string' },
  expires: { type: 'string' },
  name: { type: 'string' },
  config: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400 };

const secondsOf = (text: string): number => {
  const [, count, unit = ''] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? Number.NaN);
  if (Number.isSafeInteger(seconds)) return seconds;
  throw new ConfigError(`--expires ${text}: must be a number and a unit, as in 90d, 12h, 30m or 45s`);
};

const scopeOf = (text: string): Scope => {
  const scope = SCOPES.find((known) => known === text.toUpperCase());
  if (scope !== undefined) return scope;
  throw new ConfigError(`--scope ${text}: must be one of ${SCOPES.join(', ')}`);
};

const readOptions = () => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new ConfigError(`${messageOf(error).split('. ')[0]}; --help lists the options`);
  }
};

/** The person at the machine can read the whole store: there is nothing that they may not do. */
const OPERATOR = {
  name: ROOT,
  isAdmin: true,
  privileges: [],
  databases: 'all',
  files: 'all',
} as const;

const main = async () => {
  const { user, scope = 'FULL', kinds, expires, name, config: file, help } = readOptions();
  if (help) return process.stdout.write(`${USAGE}\n`);
  if (user === undefined) throw new ConfigError('--user is missing: name the user who signs in with the token');
  const input = {
    userName: user,
    scope: scopeOf(scope),
    kinds: kinds?.split(',').map((kind) => kind.trim()),
    expiresInSeconds: expires === undefined ? undefined : secondsOf(expires),
    name,
  };
  const { config } = readSettings({ environment: process.env, file });
  const { storeUrl, storeFile } = config;
  if (storeFile !== null) mkdirSync(dirname(storeFile), { recursive: true, mode: 0o700 });
  const store = await administerStore({ url: storeUrl, migrations: MIGRATIONS });
  try {
    const { id, token, expiresAt } = await createToken(store, input, OPERATOR, { scope: 'FULL' }, Date.now());
    if (storeFile !== null) chmodSync(storeFile, 0o600);
    const end = expiresAt === null ? 'does not expire' : `expires at ${new Date(expiresAt).toISOString()}`;
    process.stdout.write(`Token ${id} of user ${visible(user)} has scope ${input.scope} and ${end}.\n`);
    if (config.auth === 'insecure') process.stdout.write('With AUTH=insecure, tokens are not checked.\n');
    process.stdout.write(`${token}\n`);
  } finally {
    await store.close();
  }
};

process.umask(0o077);
main().catch((error) => {
  process.stderr.write(`${visibleLines(messageOf(error))}\n`);
  process.exitCode = 1;
});
