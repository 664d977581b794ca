/** Checks the request and creates nothing. */

import { randomBytes } from 'node:crypto';
import type Sqlite from 'better-sqlite3';
import { readWatchedTable, TableError } from '../../databases/sqlite/feed/table.ts';
import { fold, quote } from '../../databases/sqlite/names.ts';
import { fileOf } from '../../databases/sqlite/place.ts';
import { readDatabase } from '../../databases/sqlite/read-database.ts';
import { badInput, cutText, messageOf } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { isWebhook, openWebhook } from '../../net/webhook.ts';
import { openFolder } from '../../storage/open.ts';
import { redact } from '../../storage/url.ts';
import type { Details } from './details.ts';
import { type GivenInput, type Input, parseInput } from './input.ts';
import { BARE_FIELD } from './message.ts';
import { SECRET, SINK_URL } from './open-sink.ts';

export const create = async (given: GivenInput, environment: Environment): Promise<Creation<Details>> => {
  const input = parseInput(given);
  const tables = findTables(input, environment);
  if (input.sink !== null) await reach(input.sink, environment);
  const { database, sink, envelope, diff, updated, resolvedEveryMs, initialScan, onError } = input;
  const options = { envelope, diff, updated, resolvedEveryMs, initialScan, onError };
  const secret = sink !== null && isWebhook(sink) ? `whsec_${randomBytes(32).toString('base64')}` : null;
  const shownSink = sink === null ? null : redact(sink);
  const secrets = {
    ...(sink === shownSink || sink === null ? {} : { [SINK_URL]: sink }),
    ...(secret === null ? {} : { [SECRET]: secret }),
  };
  return {
    details: { database, tables, sink: shownSink, ...options },
    input: { ...given, sink: shownSink },
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    description: describe(input, tables, shownSink),
    database,
    ...(secret === null ? {} : { returnedOnce: { webhookSecret: secret } }),
  };
};

const findTables = ({ database, tables, envelope }: Input, environment: Environment): readonly string[] =>
  readDatabase(fileOf(environment), database, (sql) => {
    const names: string[] = [];
    for (const [i, wanted] of tables.entries()) {
      const field = `input.tables.${i}`;
      const name = checkTable(sql, wanted, envelope, field);
      if (names.some((known) => fold(known) === fold(name))) {
        throw badInput(field, `table ${JSON.stringify(name)} is named twice`);
      }
      names.push(name);
    }
    return names;
  });

const checkTable = (sql: Sqlite.Database, wanted: string, envelope: Details['envelope'], field: string): string => {
  try {
    const { name, columns } = readWatchedTable(sql, wanted);
    if (envelope === 'BARE' && columns.some((column) => fold(column) === BARE_FIELD)) {
      throw new TableError(`table ${JSON.stringify(name)} has a column ${BARE_FIELD}, which BARE messages need`);
    }
    return name;
  } catch (error) {
    if (error instanceof TableError) throw badInput(field, error.message);
    throw error;
  }
};

/** Sends and writes nothing: the signing secret is not known there yet. */
const reach = async (sink: string, environment: Environment): Promise<void> => {
  const { signal } = new AbortController();
  try {
    if (isWebhook(sink)) return await openWebhook(sink, environment.allowPrivateHosts).connect(signal);
    for await (const _ of openFolder(sink, environment).list('', signal)) return;
  } catch (error) {
    throw badInput('input.sink', `sink ${messageOf(error)}`);
  }
};

const describe = ({ database, ...input }: Input, tables: readonly string[], sink: string | null): string => {
  const named = tables.map((table) => `${quote(database)}.${quote(table)}`).join(', ');
  const into = sink === null ? '' : ` INTO '${sink.replaceAll("'", "''")}'`;
  const options = [
    ...(input.envelope === 'WRAPPED' ? [] : [`envelope = '${input.envelope.toLowerCase()}'`]),
    ...(input.diff ? ['diff'] : []),
    ...(input.updated ? ['updated'] : []),
    ...(input.resolvedEveryMs === null ? [] : [`resolved = '${input.resolvedEveryMs}ms'`]),
    ...(input.initialScan === 'YES' ? [] : [`initial_scan = '${input.initialScan.toLowerCase()}'`]),
    ...(input.onError === 'FAIL' ? [] : [`on_error = 'pause'`]),
  ];
  const withOptions = options.length === 0 ? '' : ` WITH ${options.join(', ')}`;
  return cutText(`CREATE CHANGEFEED FOR TABLE ${named}${into}${withOptions}`);
};
