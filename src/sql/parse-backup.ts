/** The grammar of BACKUP and RESTORE, of both versions of CockroachDB: TO and INTO, FROM and FROM … IN. */
import { flagValue, givenValue, inputOf, type Option, type OptionTable, parseOptions, wholeValue } from './options.ts';
import type { Reader } from './reader.ts';
import type { Creation } from './statement.ts';
import { databaseOf, type TableName, tableName, tablesOf } from './tables.ts';

const SHARED: OptionTable = {
  detached: (option, reader) => ({ detached: flagValue(option, reader) }),
  encryption_passphrase: (option, reader) => ({ encryptionPassphrase: givenValue(option, reader) }),
  max_bytes_per_second: (option, reader) => ({ maxBytesPerSecond: wholeValue(option, reader) }),
};

const OF_BACKUP: OptionTable = {
  ...SHARED,
  keep: (option, reader) => ({ keep: wholeValue(option, reader) }),
  integrity_check: (option, reader) => ({ integrityCheck: flagValue(option, reader) }),
};

const OF_RESTORE: OptionTable = {
  ...SHARED,
  into_db: (option, reader) => ({ database: givenValue(option, reader) }),
  new_db_name: (option, reader) => ({ database: givenValue(option, reader) }),
  verify_backup_table_data: (option, reader) => ({ verifyOnly: flagValue(option, reader) }),
};

export const parseBackup = (reader: Reader, before?: 'recurring'): Creation => {
  const { database, tables } = readObjects(reader);
  const lookUp: { place?: 'below' | 'latest' } = {};
  let where: Record<string, unknown> = {};
  if (reader.accept('to')) {
    where = { destination: reader.textLiteral() };
    if (reader.accept('incremental', 'from')) where.incrementalFrom = reader.textLiteral();
  } else {
    reader.expect('into');
    if (before !== undefined && reader.isNext('latest')) {
      reader.fail('the option full_every decides which backups are incremental', reader.position(), 'notSupported');
    }
    const isLatest = reader.accept('latest', 'in');
    where = { destination: reader.textLiteral() };
    lookUp.place = isLatest ? 'latest' : 'below';
  }
  const { detached, ...options } = inputOf(parseOptions(reader), OF_BACKUP, 'BACKUP', reader);
  return {
    is: 'create',
    typeName: 'BACKUP',
    tag: 'BACKUP',
    input: { ...where, ...options, ...(database === null ? {} : { database }), ...(tables === null ? {} : { tables }) },
    detached: detached === true,
    ...(lookUp.place === undefined ? {} : { lookUp: lookUp.place === 'below' ? 'newBackupIn' : 'latestParent' }),
  };
};

export const parseRestore = (reader: Reader): Creation => {
  const { database, tables } = readObjects(reader);
  reader.expect('from');
  const isLatest = reader.accept('latest');
  const first = isLatest ? null : reader.textLiteral();
  if (isLatest && !reader.isNext('in')) reader.unexpected();
  const location = reader.accept('in') ? reader.textLiteral() : null;
  const options = parseOptions(reader);
  checkTarget(options, reader);
  const { detached, ...given } = inputOf(options, OF_RESTORE, 'RESTORE', reader);
  return {
    is: 'create',
    typeName: 'RESTORE',
    tag: 'RESTORE',
    input: {
      ...(database === null ? {} : { database }),
      ...(tables === null ? {} : { tables }),
      ...given,
      source: location ?? first,
      ...(location === null || first === null ? {} : { below: first }),
    },
    detached: detached === true,
    ...(isLatest ? { lookUp: 'latestBackup' } : {}),
  };
};

const checkTarget = (options: readonly Option[], reader: Reader): void => {
  const names = options.filter(({ name }) => name === 'into_db' || name === 'new_db_name');
  const second = names[1];
  if (second !== undefined) reader.fail('into_db and new_db_name exclude each other', second.at);
};

/** TABLE t, …; DATABASE d; db.*; nothing: the database that USE has chosen. */
const readObjects = (
  reader: Reader,
): { readonly database: string | null; readonly tables: readonly string[] | null } => {
  if (reader.isNext('into') || reader.isNext('to') || reader.isNext('from')) return { database: null, tables: null };
  if (reader.accept('database')) {
    const database = reader.name();
    if (reader.isNext(',')) reader.fail('one database at a time is allowed', reader.position(), 'notSupported');
    return { database, tables: null };
  }
  reader.accept('table');
  const names: readonly TableName[] = reader.listOf(() => tableName(reader));
  return { database: databaseOf(names, reader), tables: tablesOf(names, reader) };
};
