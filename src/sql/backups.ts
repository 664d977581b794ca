/** SHOW BACKUPS, SHOW BACKUP, and the backups below a location. */
import { reachOf, requireReadDatabases } from '../jobs/access.ts';
import type { Column, Row } from './columns.ts';
import { sqlError } from './errors.ts';
import { type Answer, type Caller, type Session, table } from './session.ts';
import type { Statement } from './statement.ts';
import { textValue } from './values.ts';

/** A backup as the kind describes it. */
interface Backup {
  readonly url: string;
  readonly database: string;
  readonly createdAt: number;
  readonly complete: boolean;
  readonly incrementalFrom: string | null;
  readonly sizeBytes: number;
  readonly storedBytes: number;
  readonly tables: readonly { readonly name: string; readonly rows: number | null }[];
}
interface Listed {
  readonly backups: readonly { readonly place: { readonly name: string }; readonly backup: Backup }[];
}

const MOST_LISTED = 1_000;

export const LIST_COLUMNS: readonly Column[] = [
  { name: 'path', type: 'text' },
  { name: 'database_name', type: 'text' },
  { name: 'created', type: 'timestamptz' },
  { name: 'complete', type: 'bool' },
  { name: 'incremental_from', type: 'text' },
  { name: 'size_bytes', type: 'int8' },
  { name: 'stored_bytes', type: 'int8' },
];
export const BACKUP_COLUMNS: readonly Column[] = [
  { name: 'database_name', type: 'text' },
  { name: 'object_name', type: 'text' },
  { name: 'object_type', type: 'text' },
  { name: 'backup_type', type: 'text' },
  { name: 'end_time', type: 'timestamptz' },
  { name: 'rows', type: 'int8' },
];

const list = (url: string, limit: number, caller: Caller): Promise<Listed> => {
  requireReadDatabases(caller.viewer());
  const environment = caller.environmentOf(null, reachOf(caller.viewer()));
  return caller.runner.ask<Listed>('BACKUP', 'list', { url, limit, after: null }, environment);
};

export const showBackups = async (
  { url }: Extract<Statement, { is: 'showBackups' }>,
  { caller, parameters }: Session,
): Promise<Answer> => {
  const { backups } = await list(textValue(url, parameters), MOST_LISTED, caller);
  const rows = backups.map(
    ({ place, backup }): Row => [
      `/${place.name}`,
      backup.database,
      backup.createdAt,
      backup.complete,
      backup.incrementalFrom,
      backup.sizeBytes,
      backup.storedBytes,
    ],
  );
  return table(LIST_COLUMNS, rows, 'SHOW');
};

export const showBackup = async (
  { url, below }: Extract<Statement, { is: 'showBackup' }>,
  { caller, parameters }: Session,
): Promise<Answer> => {
  requireReadDatabases(caller.viewer());
  const location = textValue(url, parameters);
  const whole =
    below === null
      ? location
      : below === 'latest'
        ? await latestBackup(location, caller)
        : urlBelow(location, textValue(below, parameters));
  const environment = caller.environmentOf(null, reachOf(caller.viewer()));
  const backup = await caller.runner.ask<Backup | null>('BACKUP', 'describe', whole, environment);
  if (backup === null) throw sqlError('undefinedObject', 'there is no backup at this URL');
  const { database, createdAt, incrementalFrom, tables } = backup;
  const type = incrementalFrom === null ? 'full' : 'incremental';
  return table(
    BACKUP_COLUMNS,
    tables.map(({ name, rows }): Row => [database, name, 'table', type, createdAt, rows]),
    'SHOW',
  );
};

/** The URL of the newest complete backup below a location. @throws 42704 if there is none */
export const latestBackup = async (url: string, caller: Caller): Promise<string> => {
  const { backups } = await list(url, MOST_LISTED, caller);
  const latest = backups.find(({ backup }) => backup.complete);
  if (latest === undefined) throw sqlError('undefinedObject', 'there is no complete backup in this location');
  return urlBelow(url, latest.place.name);
};

/** As CockroachDB names them: 2026/11/30-191744.12 */
export const newBackupName = (now: number): string => {
  const iso = new Date(now).toISOString();
  return `${iso.slice(0, 10).replaceAll('-', '/')}-${iso.slice(11, 19).replaceAll(':', '')}.${iso.slice(20, 22)}`;
};

/** The path of each backup of a schedule, below its location. */
export const newSchedulePath = '{date}-{time}-{run}';

/** A path below a URL, before its parameters. */
export const urlBelow = (url: string, path: string): string => {
  const [, location = url, query = ''] = /^([^?#]*)(.*)$/s.exec(url) ?? [];
  return `${location.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}${query}`;
};
