/** A job whose database file is missing is not reported as reverted: the file may come back with what the job wrote. */
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import { order } from '../support/control.ts';

const read = (file: string, select: string) => {
  const sql = new Sqlite(file, { readonly: true });
  try {
    return sql.prepare(select).pluck().all();
  } finally {
    sql.close();
  }
};

const messageOf = async (app: TestApp, id: string) => {
  const { data } = await app.send({ query: `{ job(id: "${id}") { status statusMessage } }` });
  return (data as { job: { status: string; statusMessage: string | null } }).job;
};

const SLOW = { maxRowsPerSecond: 300, csv: { header: true }, sources: ['nodelocal:///rows.csv'] };

test('an import stays REVERTING and names what is left, until the file is back or is given up', async () => {
  await using app = await startApp({ settings: { WORKERS: '4' }, retry: { firstWaitMs: 50, maxWaitMs: 100 } });
  await using changes = changesOf(app);
  mkdirSync(join(app.dataDir, 'files'), { recursive: true });
  writeFileSync(join(app.dataDir, 'files', 'rows.csv'), `a\n${'x\n'.repeat(9_000)}`);
  for (const name of ['back', 'given']) {
    await app.send({ query: `mutation { createDatabase(input: { name: "${name}" }) { database { name } } }` });
    const file = join(app.dataDir, 'databases', `${name}.db`);
    const sql = new Sqlite(file);
    sql.exec("CREATE TABLE t (a TEXT); INSERT INTO t VALUES ('theirs')");
    sql.close();
    const { id } = await app.create('IMPORT', { database: name, table: 't', ...SLOW }, 'root');
    await changes.reaches(id, 'RUNNING');
    await expect.poll(() => read(file, 'SELECT count(*) > 10 FROM t')).toEqual([1]);
    await order(app, 'PAUSE', [id]);
    await changes.reaches(id, 'PAUSED');
    const away = join(app.dataDir, `${name}.away`);
    for (const end of ['', '-wal']) if (existsSync(file + end)) renameSync(file + end, away + end);
    rmSync(`${file}-shm`, { force: true });
    await order(app, 'CANCEL', [id]);
    await changes.reaches(id, 'REVERTING');
    const left = `what job ${id} wrote to "t" is left in it: put the file back, or give the database up with deleteDatabase`;
    await expect
      .poll(() => messageOf(app, id))
      .toEqual({
        status: 'REVERTING',
        statusMessage: expect.stringContaining(`the file of database ${name} is missing, and ${left}`),
      });
    if (name === 'back') {
      for (const end of ['', '-wal']) if (existsSync(away + end)) copyFileSync(away + end, file + end);
      await order(app, 'RESUME', [id]);
    } else {
      const deleted = await app.send({ query: 'mutation { deleteDatabase(input: { name: "given" }) { name } }' });
      expect(deleted).toEqual({ data: { deleteDatabase: { name: 'given' } } });
      await order(app, 'RESUME', [id]);
    }
    await changes.reaches(id, 'CANCELED');
    expect(changes.statusesOf(id).slice(-2)).toEqual(['REVERTING', 'CANCELED']);
    if (name === 'back') expect(read(file, 'SELECT a FROM t')).toEqual(['theirs']);
    else expect(existsSync(file)).toBe(false);
  }
});

test('a database whose file is there, or that has a job that is not reverting, is not given up', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const file = join(app.dataDir, 'databases', 'demo.db');
  const sql = new Sqlite(file);
  sql.exec('CREATE TABLE t (a INTEGER PRIMARY KEY)');
  sql.close();
  const { id } = await app.create('CHANGEFEED', { database: 'demo', tables: ['t'] }, 'root');
  await changes.reaches(id, 'RUNNING');
  await order(app, 'PAUSE', [id]);
  await changes.reaches(id, 'PAUSED');
  for (const isThere of [true, false]) {
    if (!isThere) for (const end of ['', '-wal', '-shm']) rmSync(file + end, { force: true });
    const { errors } = await app.send({ query: 'mutation { deleteDatabase(input: { name: "demo" }) { name } }' });
    expect(errors).toMatchObject([{ extensions: { code: 'CONFLICT' } }]);
  }
  expect(changes.statusesOf(id).at(-1)).toBe('PAUSED');
});
