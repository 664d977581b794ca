/** Triggers and views of a backup run when others write and read: they are restored for those who may bring them. */
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser } from '../../support/control.ts';

const fileOf = (app: TestApp, name: string) => join(app.dataDir, 'databases', `${name}.db`);

const createDatabase = async (app: TestApp, name: string, content: string) => {
  await app.send({ query: `mutation { createDatabase(input: { name: "${name}" }) { database { name } } }` });
  const sql = new Database(fileOf(app, name));
  sql.exec(content);
  sql.close();
};

const objectsOf = (app: TestApp, name: string) => {
  const sql = new Database(fileOf(app, name), { readonly: true });
  try {
    expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
    const select = "SELECT name FROM sqlite_schema WHERE name NOT LIKE '%signalbox%' ORDER BY name";
    return { names: sql.prepare(select).pluck().all(), rows: sql.prepare('SELECT a FROM t').pluck().all() };
  } finally {
    sql.close();
  }
};

const open = async () => {
  const app = await startApp({ settings: { WORKERS: '4' } });
  const changes = changesOf(app);
  const run = async (type: string, input: object, user = 'root') => {
    const { id } = await app.create(type, input, user);
    await changes.reaches(id, 'SUCCEEDED');
    return id;
  };
  return {
    app,
    run,
    warningsOf: async (id: string) => {
      const { data } = await app.send({ query: `{ job(id: "${id}") { warnings } }` });
      return (data as { job: { warnings: string[] } }).job.warnings;
    },
    [Symbol.asyncDispose]: async () => {
      await changes[Symbol.asyncDispose]();
      await app[Symbol.asyncDispose]();
    },
  };
};

const SOURCE = `CREATE TABLE t (a INTEGER PRIMARY KEY); INSERT INTO t VALUES (1), (2);
  CREATE INDEX i ON t (a);
  CREATE VIEW v AS SELECT a FROM t;
  CREATE TRIGGER copies AFTER INSERT ON t BEGIN DELETE FROM t WHERE a = new.a - 1; END;
  CREATE TRIGGER instead INSTEAD OF INSERT ON v BEGIN SELECT 1; END`;
const WHY = 'was left out: the creator of the job is not an admin and does not have the privilege TRIGGERS';

test.each(['new', 'existing'])(
  'into a %s database, triggers and views are restored for admins and holders of TRIGGERS, and left out for others',
  async (kind) => {
    await using scene = await open();
    const { app, run, warningsOf } = scene;
    await createDatabase(app, 'source', SOURCE);
    await run('BACKUP', { database: 'source', destination: 'nodelocal:///b' });
    await addUser(app, 'ann', { privileges: ['CREATEJOB', 'CONTROLJOB'] });
    await addUser(app, 'tri', { privileges: ['CREATEJOB', 'TRIGGERS'] });
    for (const user of ['root', 'tri', 'ann']) {
      if (kind === 'existing') await createDatabase(app, user, '');
      const id = await run('RESTORE', { database: user, source: 'nodelocal:///b' }, user);
      const leftOut = ['view "v"', 'trigger "copies"', 'trigger "instead"'].map((name) => `${name} ${WHY}`);
      expect([...(await warningsOf(id))].sort()).toEqual(user === 'ann' ? leftOut.sort() : []);
      expect(objectsOf(app, user)).toEqual({
        names: user === 'ann' ? ['i', 't'] : ['copies', 'i', 'instead', 't', 'v'],
        rows: [1, 2],
      });
    }
  },
);

test.each([
  ['trigger', 'CREATE TRIGGER bad AFTER INSERT ON t BEGIN DELETE FROM _signalbox_jobs; END'],
  ['trigger', `CREATE TRIGGER bad AFTER INSERT ON t BEGIN UPDATE '_SignalBox_x' SET a = 1; END`],
  ['view', 'CREATE VIEW bad AS SELECT * FROM "_signalbox_jobs"'],
])('a %s that names what belongs to jobs is refused for everybody: %s', async (type, statement) => {
  await using scene = await open();
  const { app, run } = scene;
  await createDatabase(app, 'source', `CREATE TABLE t (a INTEGER PRIMARY KEY); ${statement}`);
  await run('BACKUP', { database: 'source', destination: 'nodelocal:///b' });
  await addUser(app, 'ann', { privileges: ['CREATEJOB'] });
  for (const user of ['root', 'ann']) {
    await expect(app.create('RESTORE', { database: 'copy', source: 'nodelocal:///b' }, user)).rejects.toMatchObject({
      code: 'BAD_USER_INPUT',
      message: `the backup has a ${type} "bad" that names _signalbox_…`,
      extensions: { field: 'input.source' },
    });
  }
});
