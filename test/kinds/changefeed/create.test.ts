import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { PauseAsked } from '../../../src/jobs/kind.ts';
import { changefeedKind } from '../../../src/kinds/changefeed/index.ts';
import type { ChangefeedInput } from '../../../src/kinds/changefeed/input.ts';
import { receive } from '../../support/receiver.ts';
import { createFeed, openPlace, startFeed } from './scene.ts';

const SCHEMA = `CREATE TABLE t (id INTEGER PRIMARY KEY, v); CREATE TABLE "My t" (a, b, PRIMARY KEY (a, b));
  CREATE TABLE keyless (a); CREATE VIEW seen AS SELECT * FROM t; CREATE VIRTUAL TABLE words USING fts5 (w);
  CREATE TABLE hidden (rowid, oid, _rowid_, k PRIMARY KEY); CREATE TABLE taken (id INTEGER PRIMARY KEY, _Signalbox)`;

const refused = async (input: Record<string, unknown>) => {
  await using place = openPlace(SCHEMA);
  const before = place.all('SELECT * FROM sqlite_schema');
  const given = { database: 'demo', tables: ['t'], ...input } as ChangefeedInput;
  const error = await changefeedKind.create(given, place.environment).then(
    () => null,
    (failure) => failure as Error & { readonly extensions: { readonly field: string } },
  );
  expect(place.all('SELECT * FROM sqlite_schema')).toEqual(before);
  return [error?.extensions.field, error?.message];
};

test.each([
  [{ tables: [] }, 'input.tables', 'tables is empty'],
  [{ tables: ['t', 'nope'] }, 'input.tables.1', 'table "nope" does not exist'],
  [{ tables: ['t', 'T'] }, 'input.tables.1', 'table "t" is named twice'],
  [
    { tables: ['keyless'] },
    'input.tables.0',
    'table "keyless" has no primary key, which identifies its rows in messages',
  ],
  [{ tables: ['seen'] }, 'input.tables.0', '"seen" is a view, not a table'],
  [{ tables: ['words'] }, 'input.tables.0', '"words" is a virtual table: no trigger can watch it'],
  [{ tables: ['words_data'] }, 'input.tables.0', '"words_data" belongs to a virtual table'],
  [{ tables: ['sqlite_schema'] }, 'input.tables.0', 'table "sqlite_schema" does not exist'],
  [
    { tables: ['hidden'] },
    'input.tables.0',
    'table "hidden" has columns named rowid, oid and _rowid_, so that no name is left for its rowid',
  ],
  [
    { tables: ['taken'], envelope: 'BARE' },
    'input.tables.0',
    'table "taken" has a column _signalbox, which BARE messages need',
  ],
  [
    { diff: true, envelope: 'BARE' },
    'input.diff',
    'diff is for envelope WRAPPED: envelope BARE has no field for the previous row',
  ],
  [{ resolvedEveryMs: 0 }, 'input.resolvedEveryMs', 'resolvedEveryMs 0 must be from 1 to 86400000'],
  [{ sink: 'kafka://x' }, 'input.sink', expect.stringMatching(/^sink kafka:\/\/x is not a storage URL/)],
  [{ sink: 'https://example.com/' }, 'input.sink', expect.stringMatching(/can only be read/)],
  [{ sink: 'nodelocal:///../x' }, 'input.sink', expect.stringMatching(/leads outside/)],
  [{ sink: 'webhook-ftp://x' }, 'input.sink', expect.stringMatching(/is not a storage URL/)],
  [
    { sink: 'webhook-http://127.0.0.1:1/?token=abc' },
    'input.sink',
    'sink webhook-http://127.0.0.1:1/?token=redacted: its host is on a private address, and not listed in ALLOW_PRIVATE_HOSTS',
  ],
])('what cannot be a feed is refused, naming the field, and makes nothing: %j', async (input, field, message) => {
  expect(await refused(input)).toEqual([field, message]);
});

test('a webhook that cannot be reached is refused', async () => {
  const receiver = await receive();
  await using place = openPlace(SCHEMA, { allowPrivateHosts: [receiver.host] });
  await receiver[Symbol.asyncDispose]();
  await expect(createFeed(place, { sink: receiver.url })).rejects.toThrow(/cannot be reached now \(ECONNREFUSED\)/);
});

test('a folder that is a file is found out when it is written to, and said', async () => {
  await using place = openPlace(`${SCHEMA}; INSERT INTO t VALUES (1, 1)`);
  mkdirSync(path.join(place.filesDir, 'a'));
  writeFileSync(path.join(place.filesDir, 'a', 'b'), '');
  const feed = await createFeed(place, { sink: 'nodelocal:///a/b/c', onError: 'PAUSE' });
  const ended = await startFeed(place, feed).ended;
  expect(ended).toBeInstanceOf(PauseAsked);
  expect(String(ended)).toMatch(/has something on its way that is no folder/);
});

test('the description is the statement, and secrets are kept apart', async () => {
  await using receiver = await receive();
  await using place = openPlace(SCHEMA, { allowPrivateHosts: [receiver.host] });
  const sink = `${receiver.url.replace('//', '//me:secret@')}/T0/hush?key=hush`;
  const feed = await createFeed(place, {
    ...{ tables: ['T', 'My t'], sink, diff: true, updated: true, resolvedEveryMs: 1000 },
    ...{ initialScan: 'NO', onError: 'PAUSE' },
  });
  const shown = `${receiver.url.replace('//', '//me:redacted@')}/redacted/redacted?key=redacted`;
  expect(feed.description).toBe(
    `CREATE CHANGEFEED FOR TABLE "demo"."t", "demo"."My t" INTO '${shown}' WITH diff, updated, resolved = '1000ms', initial_scan = 'no', on_error = 'pause'`,
  );
  expect(feed.secrets.sink).toBe(sink);
  expect(JSON.stringify([feed.details, feed.description])).not.toMatch(/secret|hush|whsec/);
  expect(feed.details.tables).toEqual(['t', 'My t']);
});
