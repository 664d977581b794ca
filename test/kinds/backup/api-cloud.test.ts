import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { startAzurite } from '../../support/azurite.ts';
import type { Cloud } from '../../support/cloud.ts';
import { addUser, order } from '../../support/control.ts';
import { startFaulty } from '../../support/faulty.ts';
import { startS3 } from '../../support/s3.ts';
import { contentOf } from '../restore/scene.ts';

const CREATE_DATABASE = graphql(/* GraphQL */ `
  mutation CreateBackedUp($name: String!) {
    createDatabase(input: { name: $name }) {
      database {
        name
      }
    }
  }
`);
const BACKUP = graphql(/* GraphQL */ `
  mutation BackUp($input: CreateBackupInput!) {
    createBackup(input: $input) {
      job {
        id
        description
        destination
      }
    }
  }
`);
const RESTORE = graphql(/* GraphQL */ `
  mutation Restore($input: CreateRestoreInput!) {
    createRestore(input: $input) {
      job {
        id
        description
        source
        tables
      }
    }
  }
`);
const SHOW = graphql(/* GraphQL */ `
  query ShowBackup($url: String!) {
    backup(url: $url) {
      url
      database
      complete
      incrementalFrom
      tables {
        name
        rows
      }
    }
  }
`);
const LIST = graphql(/* GraphQL */ `
  query ListCloudBackups($url: String!) {
    backups(url: $url) {
      nodes {
        url
        database
        complete
      }
    }
  }
`);

/** A bit of everything, and enough of it that a job is some time on its way. */
const MADE = `
  CREATE TABLE people (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE COLLATE NOCASE CHECK (name <> ''));
  CREATE TABLE tbl (x TEXT DEFAULT 'none', person REFERENCES people (id) ON DELETE CASCADE, twice AS (person * 2), data BLOB);
  CREATE TABLE pairs (a TEXT, b REAL, PRIMARY KEY (a DESC, b)) WITHOUT ROWID;
  CREATE TABLE strict (n INT, any ANY) STRICT;
  CREATE UNIQUE INDEX "by name" ON people (lower(name)) WHERE id > 2;
  CREATE INDEX by_person ON tbl (person, x DESC);
  CREATE VIEW seen AS SELECT p.name, t.x FROM people p JOIN tbl t ON t.person = p.id;
  CREATE TRIGGER noted AFTER DELETE ON people BEGIN INSERT INTO strict VALUES (old.id, old.name); END;
  CREATE TRIGGER through INSTEAD OF INSERT ON seen BEGIN INSERT INTO people (name) VALUES (new.name); END;
  WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) INSERT INTO people (name) SELECT 'p' || i FROM n;
  DELETE FROM people WHERE id > 400;
  INSERT INTO tbl (_rowid_, x, person, data) SELECT id * 7, name, id, randomblob(75000) FROM people;
  INSERT INTO pairs SELECT name, id / 3.0 FROM people;`;

const fill = async (app: TestApp) => {
  await app.execute(CREATE_DATABASE, { name: 'db' });
  const file = join(app.dataDir, 'databases', 'db.db');
  const sql = new Database(file);
  sql.exec(MADE);
  sql.close();
  return file;
};

/** A store behind a gate that keeps the fifth chunk that is asked for from then on, once, until the job is paused. */
const openGate = async (cloud: Cloud) => {
  let chunks = Number.POSITIVE_INFINITY;
  let held = () => {};
  const originCheck = await startFaulty(cloud.host, ({ url = '' }) => {
    if (!url.includes('/chunks/') || --chunks !== 0) return 'pass';
    held();
    return 'hang';
  });
  const settings = Object.fromEntries(
    Object.entries(cloud.settings).map(([name, value]) => [name, value.replace(cloud.host, originCheck.host)]),
  );
  return {
    settings,
    /** Pauses the job that `create` makes on its way, and resumes it. */
    passedBy: async <J extends { readonly id: string }>(
      app: TestApp,
      changes: ReturnType<typeof changesOf>,
      create: () => Promise<J>,
    ): Promise<J> => {
      chunks = 5;
      const isHeld = new Promise<void>((resolve) => {
        held = resolve;
      });
      const job = await create();
      await isHeld;
      await order(app, 'PAUSE', [job.id]);
      await changes.reaches(job.id, 'PAUSED');
      await order(app, 'RESUME', [job.id]);
      await changes.reaches(job.id, 'SUCCEEDED');
      return job;
    },
    [Symbol.asyncDispose]: () => originCheck[Symbol.asyncDispose](),
  };
};

test("what the documentation says works: RESTORE db.* FROM 'azure://backup/db/tbl'", async () => {
  await using azurite = await startAzurite();
  await azurite.makeContainer('backup');
  await using originCheck = await openGate(azurite);
  await using app = await startApp({ settings: originCheck.settings });
  await using changes = changesOf(app);
  const file = await fill(app);
  const url = 'azure://backup/db/tbl';

  const backup = await originCheck.passedBy(
    app,
    changes,
    async () => (await app.execute(BACKUP, { input: { database: 'db', destination: url } })).createBackup.job,
  );
  expect(backup).toMatchObject({ description: `BACKUP DATABASE "db" INTO '${url}'`, destination: url });
  const shown = (await app.execute(SHOW, { url })).backup;
  expect(shown).toMatchObject({ url, database: 'db', complete: true, incrementalFrom: null });
  expect(shown?.tables).toContainEqual({ name: 'tbl', rows: 400 });
  for (const location of ['azure://backup', 'azure://backup/db', url]) {
    const { backups } = await app.execute(LIST, { url: location });
    expect(backups?.nodes).toEqual([{ url, database: 'db', complete: true }]);
  }
  expect((await app.execute(LIST, { url: 'azure://backup/other' })).backups?.nodes).toEqual([]);
  expect((await azurite.namesIn('backup')).filter((name) => !/^db\/tbl\/(chunks\/|manifest.json$)/.test(name))).toEqual(
    [],
  );
  await addUser(app, 'creator', { privileges: ['CREATEJOB'] });
  expect(await app.refuse(SHOW, { url }, 'creator')).toMatchObject({
    message: expect.stringContaining("only admins use the server's own keys"),
    extensions: { code: 'BAD_USER_INPUT', field: 'url' },
  });

  // Into the same name: the database is lost, and comes back with all that was in it.
  await using other = await startApp({ settings: originCheck.settings });
  await using others = changesOf(other);
  const restored = await originCheck.passedBy(
    other,
    others,
    async () => (await other.execute(RESTORE, { input: { source: url, database: 'db' } })).createRestore.job,
  );
  expect(restored).toMatchObject({ description: `RESTORE db.* FROM '${url}'`, source: url });
  expect(contentOf(join(other.dataDir, 'databases', 'db.db'))).toEqual(contentOf(file));

  // Into a database that is there.
  await app.execute(CREATE_DATABASE, { name: 'there' });
  await originCheck.passedBy(
    app,
    changes,
    async () => (await app.execute(RESTORE, { input: { source: url, database: 'there' } })).createRestore.job,
  );
  const there = join(app.dataDir, 'databases', 'there.db');
  expect(contentOf(there)).toEqual(contentOf(file));
  const sql = new Database(there);
  sql.exec("INSERT INTO people (name) VALUES ('new'); DELETE FROM people WHERE id = 3");
  expect(sql.prepare('SELECT max(id) FROM people').pluck().get()).toBe(501);
  expect(sql.prepare('SELECT count(*) FROM tbl WHERE person = 3').pluck().get()).toBe(0);
  expect(sql.prepare('SELECT * FROM strict WHERE n = 3').raw().all()).toEqual([[3, 'p3']]);
  expect(sql.pragma('integrity_check', { simple: true })).toBe('ok');
  sql.close();
});

test('a backup goes to S3 with the keys of its URL, one is made upon it, and both are restored from', async () => {
  await using s3 = await startS3();
  await s3.makeBucket('backups');
  const settings = { ALLOW_PRIVATE_HOSTS: s3.host, SIGNALBOX_SECRET: 'sixteen characters and more' };
  await using app = await startApp({ settings });
  await using changes = changesOf(app);
  const file = await fill(app);
  const secret = (cloud: Cloud, path: string) => cloud.url(`backups/${path}`);
  const run = async (input: { destination: string; incrementalFrom?: string }) => {
    const { id, description } = (await app.execute(BACKUP, { input: { database: 'db', ...input } })).createBackup.job;
    const [job] = await app.store.jobsById([id], { sees: 'all', controls: [], userName: '' });
    const shown = JSON.stringify(job?.inputJson);
    expect(shown).toContain('AWS_SECRET_ACCESS_KEY=redacted');
    expect(shown).not.toContain('AWS_SECRET_ACCESS_KEY=S3RVER');
    for (const end of ['', '-wal']) {
      const bytes = readFileSync(join(app.dataDir, `signalbox.db${end}`), 'latin1');
      expect(bytes).not.toContain('AWS_SECRET_ACCESS_KEY=S3RVER');
    }
    await changes.reaches(id, 'SUCCEEDED');
    return description;
  };
  expect(await run({ destination: secret(s3, 'one') })).not.toContain('AWS_SECRET_ACCESS_KEY=S3RVER');
  const sql = new Database(file);
  sql.exec("UPDATE people SET name = name || 'x' WHERE id % 100 = 5; INSERT INTO pairs VALUES ('new', 1)");
  sql.close();
  await run({ destination: secret(s3, 'two'), incrementalFrom: secret(s3, 'one') });
  const { backup } = await app.execute(SHOW, { url: secret(s3, 'two') });
  expect(backup?.incrementalFrom).toMatch(/^s3:\/\/backups\/one\?.*AWS_SECRET_ACCESS_KEY=redacted/);

  const input = { source: secret(s3, 'two'), database: 'copy' };
  const { job } = (await app.execute(RESTORE, { input })).createRestore;
  await changes.reaches(job.id, 'SUCCEEDED');
  expect(contentOf(join(app.dataDir, 'databases', 'copy.db'))).toEqual(contentOf(file));
});
