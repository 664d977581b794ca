/** Checks the request and creates nothing. */

import { randomBytes } from 'node:crypto';
import { portOf } from '../../databases/port-of.ts';
import { quote } from '../../databases/quote.ts';
import { show } from '../../databases/show.ts';
import { badInput, cutText, messageOf } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { isWebhook, openWebhook } from '../../net/webhook.ts';
import { openFolder } from '../../storage/open.ts';
import { probeLimit } from '../../storage/probe.ts';
import { redact } from '../../storage/url.ts';
import { type Details, SECRET } from './details.ts';
import { type ChangefeedInput, type Input, parseInput } from './input.ts';
import { BARE_FIELD } from './message.ts';
import type { FoundTable } from './port.ts';
import { PORTS } from './ports.ts';

export const create = async (raw: ChangefeedInput, environment: Environment): Promise<Creation<Details>> => {
  const input = parseInput(raw);
  const { database } = input;
  const reservedColumn = input.envelope === 'BARE' ? BARE_FIELD : null;
  const request = { database, tables: input.tables, reservedColumn };
  const found = await portOf(PORTS, environment).findTables(environment, request);
  const tables = found.map(({ name }) => name);
  const columns = columnsOf(input, found);
  if (input.sink !== null) await checkSink(input.sink, environment);
  const { sink, envelope, diff, updated, resolvedEveryMs, initialScan, onError, onTableReplaced } = input;
  const { backfill, operations } = input;
  const policies = { initialScan, onError, onTableReplaced, backfill };
  const options = { envelope, diff, updated, resolvedEveryMs, ...policies, operations, columns };
  const signingSecret = sink !== null && isWebhook(sink) ? `whsec_${randomBytes(32).toString('base64')}` : null;
  const redactedSink = sink === null ? null : redact(sink);
  const secrets = {
    ...(sink === redactedSink || sink === null ? {} : { [SECRET.url]: sink }),
    ...(signingSecret === null ? {} : { [SECRET.signing]: signingSecret }),
  };
  return {
    details: { database, tables, sink: redactedSink, ...options },
    input: { ...raw, sink: redactedSink },
    ...(Object.keys(secrets).length === 0 ? {} : { secrets }),
    description: describe(input, tables, redactedSink),
    database,
    ...(signingSecret === null ? {} : { returnedOnce: { webhookSecret: signingSecret } }),
  };
};

/** A person is waiting for the result. */
const SINK_LIMIT_MS = 10_000;

/** The columns to send, as the catalogue spells them. @throws BAD_USER_INPUT naming the table or the column */
const columnsOf = ({ columns }: Input, found: readonly FoundTable[]): Details['columns'] => {
  const isSame = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  return (columns ?? []).map(({ table: requested, columns: names }, i) => {
    const field = `input.columns.${i}`;
    const table = found.find(({ name }) => isSame(name, requested));
    if (table === undefined) throw badInput(`${field}.table`, `table ${show(requested)} is not one of the tables`);
    if ((columns ?? []).slice(0, i).some((other) => isSame(other.table, requested))) {
      throw badInput(`${field}.table`, `table ${show(requested)} is named twice`);
    }
    const spelled = names.map((wanted, at) => {
      const column = table.columns.find((name) => isSame(name, wanted));
      if (column !== undefined) return column;
      throw badInput(`${field}.columns.${at}`, `table ${show(table.name)} has no column ${show(wanted)}`);
    });
    return { table: table.name, columns: spelled };
  });
};

/** Sends and writes nothing: the signing secret is not known there yet. */
const checkSink = async (sink: string, environment: Environment): Promise<void> => {
  using limit = probeLimit(SINK_LIMIT_MS);
  const { signal } = limit;
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
    ...(input.onTableReplaced === 'FAIL' ? [] : [`on_table_replaced = '${input.onTableReplaced.toLowerCase()}'`]),
    ...(input.backfill ? ['backfill'] : []),
    ...(input.operations ? ['operations'] : []),
  ];
  const withOptions = options.length === 0 ? '' : ` WITH ${options.join(', ')}`;
  return cutText(`CREATE CHANGEFEED FOR TABLE ${named}${into}${withOptions}`);
};
