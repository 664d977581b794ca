import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp } from '../support/app.ts';
import { jobWhen, order } from '../support/control.ts';

const WAITING = 'waiting for the lock of database shop, held by another process';

test('a job shows the lock that it waits for: at its start, between attempts, in a batch, and while it reverts', async () => {
  await using app = await startApp({ settings: { WORKERS: '8' }, retry: { firstWaitMs: 600_000 } });
  await using changes = changesOf(app);
  await app.send({ query: 'mutation { createDatabase(input: { name: "shop" }) { database { name } } }' });
  using holder = Object.assign(new Sqlite(join(app.dataDir, 'databases', 'shop.db')), {
    [Symbol.dispose]() {
      holder.close();
    },
  });
  holder.exec('CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT); CREATE TABLE u (a INTEGER)');
  writeFileSync(join(app.dataDir, 'files', 'rows.csv'), `a\n${'1\n'.repeat(10_000)}`);
  const create = async (type: string, input: object) =>
    (await app.create(type, { database: 'shop', ...input }, 'root')).id;
  const shows = (id: string, status: string) =>
    jobWhen(app, id, (job) => job.status === status && job.statusMessage === WAITING);

  const slow = await create('IMPORT', { table: 'u', sources: ['nodelocal:///rows.csv'], maxRowsPerSecond: 100 });
  await jobWhen(app, slow, ({ statusMessage }) => statusMessage === 'importing');
  holder.exec('BEGIN IMMEDIATE');
  const started = [
    await create('IMPORT', {
      table: 'n',
      columns: [{ name: 'a', type: 'INTEGER' }],
      csv: { header: true },
      sources: ['nodelocal:///rows.csv'],
    }),
    await create('CHANGEFEED', { tables: ['t'] }),
    await create('SCHEMA_CHANGE', { changes: [{ createIndex: { table: 't', name: 't_a', columns: ['a'] } }] }),
  ];
  await shows(slow, 'RUNNING');
  for (const id of started) await shows(id, 'RUNNING');
  await order(app, 'CANCEL', [slow]);
  await shows(slow, 'REVERTING');
  for (const id of started) await shows(id, 'PENDING');

  holder.exec('COMMIT');
  await order(app, 'RESUME', [slow, ...started]);
  await changes.reaches(slow, 'CANCELED');
  await changes.reaches(started[0] ?? '', 'SUCCEEDED');
  expect(holder.prepare('SELECT count(*) FROM u').pluck().get()).toBe(0);
});
