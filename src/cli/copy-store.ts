/** `npm run copy-store`: copies a job store into an empty one, on another engine or of the same one. */
import { mkdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { MIGRATIONS } from '../app/assets.ts';
import { readNodeName } from '../app/node-name.ts';
import { readSecretKey } from '../app/secret-key.ts';
import { createVault, type Vault } from '../auth/vault.ts';
import { type Config, ConfigError, redactedValue } from '../config.ts';
import { messageOf } from '../errors.ts';
import { readSettings } from '../settings.ts';
import { copyTables, type TableRow } from '../store/copy.ts';
import { openTables } from '../store/open.ts';
import { visibleLines } from '../terminal.ts';

const USAGE = `Usage: npm run copy-store -- --from URL --to URL [OPTION]...
Copies a job store, with its users, tokens, jobs and events. Clients continue after the cursors that they have.

  --from URL     the store that is copied: file:data/signalbox.db, or postgresql://USER:PASSWORD@HOST/DATABASE
  --to URL       a new file, or an empty database of PostgreSQL
  --config FILE  read settings from FILE, as the server does
  --help         print this and exit

Stop all servers before, and do not start them on the old store again. Run this with the settings of the server that has
the databases and files: DATA_DIR, SIGNALBOX_SECRET, NODE_NAME and FILES_SHARED.`;

const OPTIONS = {
  from: { type: 'string' },
  to: { type: 'string' },
  config: { type: 'string' },
  help: { type: 'boolean' },
} as const;

const readOptions = () => {
  try {
    return parseArgs({ options: OPTIONS }).values;
  } catch (error) {
    throw new ConfigError(`${messageOf(error).split('. ')[0]}; --help lists the options`);
  }
};

const isFile = (url: string) => url.startsWith('file:');

/** The keys of a store: one on PostgreSQL has no key file, since its servers are on several machines. */
const vaultOf = (url: string, { secret, dataDir }: Config): Vault => {
  const fileKey = isFile(url) ? readSecretKey(dataDir, secret === null) : null;
  if (secret === null && fileKey === null) {
    throw new ConfigError('SIGNALBOX_SECRET must be set: a job store on PostgreSQL needs it');
  }
  return createVault({ secret, fileKey, storeId: '' });
};

/** What has another form in the other store. */
const changesOf = (from: string, to: string, config: Config) => {
  const [opened, sealed] = [vaultOf(from, config), vaultOf(to, config)];
  const node = isFile(to) ? null : readNodeName(config.dataDir, config.nodeName);
  /** Databases and files of an embedded store are on the disk of its server. */
  const owner = config.filesShared ? null : node;
  const requireHere = ({ name, node: of = null }: TableRow) => {
    if (!isFile(to) || of === null || config.filesShared || of === readNodeName(config.dataDir, config.nodeName))
      return;
    throw new ConfigError(`database ${name} is on the disk of node ${of}, and not of this server`);
  };
  const resealed = (row: TableRow) =>
    typeof row.secrets === 'string' ? { ...row, secrets: sealed.seal(opened.open(row.secrets)) } : row;
  return {
    Job: (row: TableRow) => ({ ...row, node: row.node ?? (row.finishedAt === null && isFile(from) ? owner : null) }),
    Database: (row: TableRow) => {
      requireHere(row);
      return { ...row, node: row.node ?? (isFile(from) ? owner : null) };
    },
    JobCredentials: resealed,
    Schedule: (row: TableRow) => ({ ...resealed(row), node: row.node ?? (isFile(from) ? owner : null) }),
    // The first server on the copy stores its own.
    Counters: (row: TableRow) => ({ ...row, secretProbe: null, timeline: null }),
  };
};

const main = async () => {
  const { from, to, config: file, help } = readOptions();
  if (help) return process.stdout.write(`${USAGE}\n`);
  if (from === undefined) throw new ConfigError('--from is missing: name the store that is copied');
  if (to === undefined) throw new ConfigError('--to is missing: name a new file or an empty database');
  const { config } = readSettings({ environment: process.env, file });
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const change = changesOf(from, to, config);
  const source = await openTables({ url: from, migrations: MIGRATIONS, as: 'source' });
  try {
    const target = await openTables({ url: to, migrations: MIGRATIONS, as: 'target' });
    try {
      await copyTables({
        from: source,
        to: target,
        change,
        onTable: (table, rows) => process.stdout.write(`${table}: ${rows} rows\n`),
      });
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
  process.stdout.write(`The job store is copied. Start the servers with DATABASE_URL=${redactedValue('', to)}\n`);
};

process.umask(0o077);
main().catch((error) => {
  process.stderr.write(`${visibleLines(messageOf(error))}\n`);
  process.exitCode = 1;
});
