/** Validates a request. Creates nothing. */

import { randomUUID } from 'node:crypto';
import { openBackup } from '../../backup-format/backup.ts';
import { describeAbsence, findOwn } from '../../backup-format/in-progress-marker.ts';
import { MAX_GENERATION } from '../../backup-format/manifest.ts';
import { show } from '../../databases/show.ts';
import { type ListedTable, listTables, notOrdinary } from '../../databases/sqlite/catalogue.ts';
import { fold, quote } from '../../databases/sqlite/names.ts';
import type { Target } from '../../databases/sqlite/open.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { readDatabase } from '../../databases/sqlite/read-database.ts';
import { checkWal } from '../../databases/sqlite/snapshot.ts';
import { belongingTo, declare, StatementError, statementsOf } from '../../databases/sqlite/statements-check.ts';
import { badInput, cutText } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { probe } from '../../storage/probe.ts';
import { redact } from '../../storage/url.ts';
import type { Details, SECRET } from './details.ts';
import { type GivenInput, parseInput } from './input.ts';

export const create = async (given: GivenInput, environment: Environment): Promise<Creation<Details>> => {
  const { database, tables: wanted = null, destination, incrementalFrom = null } = parseInput(given);
  const tables = readDatabase(fileOf(environment), database, (sql) => findTables(sql, database, wanted));
  const id = randomUUID();
  await probe('input.destination', async (signal) => findOwn(openFolder(destination, environment), '', id, signal));
  return {
    details: {
      id,
      database,
      tables,
      isAll: wanted === null,
      destination: redact(destination),
      incrementalFrom: incrementalFrom === null ? null : await findOlder(incrementalFrom, environment),
    },
    input: {
      ...given,
      destination: redact(destination),
      ...(incrementalFrom === null ? {} : { incrementalFrom: redact(incrementalFrom) }),
    },
    ...secretsOf({ destination, incrementalFrom }),
    description: describe(database, wanted === null ? null : tables, destination, incrementalFrom),
    database,
  };
};

/** The reason why a listed object cannot be backed up; null for a table. */
const notBackedUp = (table: ListedTable): string | null => {
  const not = notOrdinary(table);
  return not === null || table.type === 'view' ? not : `${not}, which cannot be backed up`;
};

/** The tables to back up, as the catalogue spells them. */
const findTables = (sql: Target['sql'], database: string, wanted: readonly string[] | null): readonly string[] => {
  checkWal(sql, database);
  const listed = listTables(sql);
  const found =
    wanted === null
      ? listed.filter(({ type }) => type !== 'view')
      : wanted.map((name, i) => find(listed, wanted, name, i));
  // The shadow tables of a virtual table are reported only if they were requested by name.
  const odd =
    wanted === null
      ? found.findIndex(({ type }) => type === 'virtual')
      : found.findIndex((table) => notBackedUp(table) !== null);
  if (odd !== -1) {
    const table = found[odd] as ListedTable;
    const field = wanted === null ? 'input.tables' : `input.tables.${odd}`;
    throw badInput(field, `${show(table.name)} ${notBackedUp(table)}`);
  }
  const names = found.map(({ name }) => name);
  checkStatements(sql, wanted === null ? null : names);
  return names;
};

const find = (listed: readonly ListedTable[], wanted: readonly string[], name: string, at: number): ListedTable => {
  const field = `input.tables.${at}`;
  const found = listed.find((table) => fold(table.name) === fold(name));
  if (found === undefined) throw badInput(field, `table ${show(name)} does not exist`);
  if (wanted.findIndex((other) => fold(other) === fold(name)) !== at) {
    throw badInput(field, `table ${show(name)} is named twice`);
  }
  return found;
};

/** Rejects, by name, anything that could not be restored. */
const checkStatements = (sql: Target['sql'], tables: readonly string[] | null) => {
  const ordinary = statementsOf(sql).filter((statement) => !/^CREATE VIRTUAL /i.test(statement));
  try {
    const declared = declare(ordinary);
    if (tables !== null) belongingTo(declared, tables);
  } catch (error) {
    throw error instanceof StatementError ? badInput('input.database', error.message) : error;
  }
};

const findOlder = (url: string, environment: Environment) =>
  probe('input.incrementalFrom', async (signal) => {
    const parent = await openBackup(url, environment, '', signal);
    if (parent === null)
      throw badInput('input.incrementalFrom', await describeAbsence(openFolder(url, environment), signal));
    if (parent.manifest.generation === MAX_GENERATION) {
      const message = `the backup at ${parent.url} is incremental on ${MAX_GENERATION} others: create a full one`;
      throw badInput('input.incrementalFrom', message);
    }
    return { url: redact(url), sha256: parent.sha256 };
  });

const secretsOf = (urls: Readonly<Record<keyof typeof SECRET, string | null>>) => {
  const kept = Object.entries(urls).filter((entry): entry is [string, string] => {
    const [, url] = entry;
    return url !== null && redact(url) !== url;
  });
  return kept.length === 0 ? {} : { secrets: Object.fromEntries(kept) };
};

const describe = (database: string, tables: readonly string[] | null, destination: string, parent: string | null) => {
  const what =
    tables === null
      ? `DATABASE ${quote(database)}`
      : `TABLE ${tables.map((table) => `${quote(database)}.${quote(table)}`).join(', ')}`;
  const from = parent === null ? '' : ` INCREMENTAL FROM ${textOf(redact(parent))}`;
  return cutText(`BACKUP ${what} INTO ${textOf(redact(destination))}${from}`);
};

const textOf = (text: string) => `'${text.replaceAll("'", "''")}'`;
