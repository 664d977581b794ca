import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { untilTrue } from '../support/alive.ts';
import { changesOf, startApp } from '../support/app.ts';
import { order } from '../support/control.ts';
import { temporaryFolder } from '../support/process.ts';
import { startScripted } from '../support/scripted-app.ts';

test('work directories of jobs that have ended or are unknown go at the start, and those of live jobs stay', async () => {
  using folder = temporaryFolder();
  const dataDir = folder.path;
  const [live, ended] = await (async () => {
    await using scene = await startScripted({ dataDir });
    const { script, changes } = scene;
    const id = await scene.start('ended');
    script('ended').act('finish');
    await changes.reaches(id, 'SUCCEEDED');
    return [await scene.start('live'), id];
  })();
  const work = join(dataDir, 'data', 'work');
  const names = [live, ended, '123456', 'not-a-job'];
  for (const name of names) {
    mkdirSync(join(work, name), { recursive: true });
    writeFileSync(join(work, name, 'part'), 'x');
  }

  await using scene = await startScripted({ dataDir });
  await scene.changes.reaches(live, 'RUNNING', 2);
  await untilTrue(() => !existsSync(join(work, ended)) && !existsSync(join(work, '123456')));
  expect(names.filter((name) => existsSync(join(work, name, 'part')))).toEqual([live, 'not-a-job']);
});

test('a paused feed whose log somebody drops makes no write fail for long, and fails when it is resumed', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const sql = new Sqlite(join(app.dataDir, 'databases', 'demo.db'));
  try {
    sql.exec('CREATE TABLE t (id INTEGER PRIMARY KEY); CREATE TABLE other (id INTEGER PRIMARY KEY)');
    const feeds = await Promise.all(
      ['t', 'other'].map((table) => app.create('CHANGEFEED', { database: 'demo', tables: [table] }, 'root')),
    );
    for (const { id } of feeds) await changes.reaches(id, 'RUNNING');
    const own = (type: string, like: string) =>
      sql
        .prepare(
          "SELECT name FROM sqlite_schema WHERE type = ? AND name LIKE ? AND name LIKE '\\_signalbox%' ESCAPE '\\'",
        )
        .pluck()
        .all(type, like) as string[];
    await untilTrue(() => own('trigger', '%_ai').length === 2);
    const [dropped, kept] = feeds.map(({ id }) => id);
    await order(app, 'PAUSE', [dropped ?? '', kept ?? '']);
    for (const { id } of feeds) await changes.reaches(id, 'PAUSED');
    const others = own('trigger', `%feed_${kept}_%`);
    sql.exec(`DROP TABLE "${own('table', `%feed_${dropped}`)[0]}"`);
    await untilTrue(() => own('trigger', `%feed_${dropped}_%`).length === 0);
    sql.exec('INSERT INTO t VALUES (1); INSERT INTO other VALUES (1)');
    expect(own('trigger', `%feed_${kept}_%`)).toEqual(others);
    await order(app, 'RESUME', [dropped ?? '']);
    await changes.reaches(dropped ?? '', 'FAILED');
    await untilTrue(() => own('table', `%feed_${dropped}%`).length === 0);
  } finally {
    sql.close();
  }
});
