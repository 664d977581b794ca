/** Checks the request and creates nothing. */

import { randomBytes } from 'node:crypto';
import { portOf } from '../../databases/port-of.ts';
import { quote } from '../../databases/quote.ts';
import { badInput, cutText, messageOf } from '../../errors.ts';
import type { Creation, Environment } from '../../jobs/kind.ts';
import { isWebhook, openWebhook } from '../../net/webhook.ts';
import { openFolder } from '../../storage/open.ts';
import { probeSignal } from '../../storage/probe.ts';
import { redact } from '../../storage/url.ts';
import { type Details, SECRET } from './details.ts';
import { type ChangefeedInput, type Input, parseInput } from './input.ts';
import { BARE_FIELD } from './message.ts';
import { PORTS } from './ports.ts';

export const create = async (raw: ChangefeedInput, environment: Environment): Promise<Creation<Details>> => {
  const input = parseInput(raw);
  const { database } = input;
  const reservedColumn = input.envelope === 'BARE' ? BARE_FIELD : null;
  const request = { database, tables: input.tables, reservedColumn };
  const tables = await portOf(PORTS, environment).findTables(environment, request);
  if (input.sink !== null) await checkSink(input.sink, environment);
  const { sink, envelope, diff, updated, resolvedEveryMs, initialScan, onError } = input;
  const options = { envelope, diff, updated, resolvedEveryMs, initialScan, onError };
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

/** Sends and writes nothing: the signing secret is not known there yet. */
const checkSink = async (sink: string, environment: Environment): Promise<void> => {
  const signal = probeSignal(SINK_LIMIT_MS);
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
