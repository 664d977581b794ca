import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../../generated/gql.ts';
import { changesOf, startApp, type TestApp } from '../../support/app.ts';
import { addUser, jobNow, order } from '../../support/control.ts';
import { contentOf } from '../restore/scene.ts';

const CREATE_DATABASE = graphql(/* GraphQL */ `
  mutation CreateForBackup($name: String!) {
    createDatabase(input: { name: $name }) {
      database {
        name
      }
    }
  }
`);
const BACKUP = graphql(/* GraphQL */ `
  mutation BackUpHere($input: CreateBackupInput!) {
    createBackup(input: $input) {
      created
      job {
        id
        type
        typeName
        description
        database
        tables
        destination
        bytesWritten
      }
    }
  }
`);
const RESTORE = graphql(/* GraphQL */ `
  mutation RestoreHere($input: CreateRestoreInput!) {
    createRestore(input: $input) {
      created
      job {
        id
        type
        typeName
        description
        source
        database
        tables
        rowsRestored
      }
    }
  }
`);
const ENDED = graphql(/* GraphQL */ `
  query EndedHere($id: ID!) {
    job(id: $id) {
      fractionCompleted
      error
      ... on BackupJob {
        bytesWritten
      }
      ... on RestoreJob {
        rowsRestored
      }
    }
  }
`);
const SHOW = graphql(/* GraphQL */ `
  query ShowBackupHere($url: String!) {
    backup(url: $url) {
      url
      database
      createdAt
      complete
      incrementalFrom
      sizeBytes
      storedBytes
      tables {
        name
        rows
      }
    }
  }
`);
const NAMES = graphql(/* GraphQL */ `
  query NamesHere {
    databases {
      name
    }
  }
`);

const open = async (app: TestApp) => {
  await app.execute(CREATE_DATABASE, { name: 'shop' });
  const file = join(app.dataDir, 'databases', 'shop.db');
  const sql = new Database(file);
  sql.exec(`CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT UNIQUE); CREATE TABLE "it's" (x);
    INSERT INTO goods (name) VALUES ('a'), ('b'); INSERT INTO "it's" VALUES (1)`);
  sql.close();
  return file;
};
const place = 'nodelocal:///b/one';

test('a database is backed up, shown, and restored under another name', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  const file = await open(app);
  expect((await app.execute(SHOW, { url: place })).backup).toBeNull();

  const input = { database: 'shop', destination: place, idempotencyKey: 'nightly' };
  const { job, created } = (await app.execute(BACKUP, { input })).createBackup;
  expect({ ...job, created }).toMatchObject({
    created: true,
    type: 'BACKUP',
    typeName: 'BACKUP',
    description: `BACKUP DATABASE "shop" INTO '${place}'`,
    database: 'shop',
    tables: expect.arrayContaining(['goods', "it's"]),
    destination: place,
  });
  await changes.reaches(job.id, 'SUCCEEDED');
  const again = (await app.execute(BACKUP, { input })).createBackup;
  expect(again).toMatchObject({ created: false, job: { id: job.id } });
  const shown = (await app.execute(SHOW, { url: place })).backup;
  const { sizeBytes = 0, storedBytes } = shown ?? {};
  expect(shown).toMatchObject({
    url: place,
    database: 'shop',
    complete: true,
    incrementalFrom: null,
    tables: [
      { name: 'goods', rows: 2 },
      { name: "it's", rows: 1 },
    ],
  });
  expect(sizeBytes).toBeGreaterThan(0);
  expect(storedBytes).toBe(sizeBytes);
  expect((await app.execute(ENDED, { id: job.id })).job).toMatchObject({
    fractionCompleted: 1,
    bytesWritten: sizeBytes,
  });

  const restore = (await app.execute(RESTORE, { input: { source: place, database: 'my-copy' } })).createRestore.job;
  expect(restore).toMatchObject({ type: 'RESTORE', description: `RESTORE "my-copy".* FROM '${place}'`, source: place });
  await changes.reaches(restore.id, 'SUCCEEDED');
  expect((await app.execute(ENDED, { id: restore.id })).job).toMatchObject({ fractionCompleted: 1, rowsRestored: 3 });
  expect((await app.execute(NAMES)).databases.map(({ name }) => name).sort()).toEqual(['my-copy', 'shop']);
  expect(contentOf(join(app.dataDir, 'databases', 'my-copy.db'))).toEqual(contentOf(file));

  await app.execute(CREATE_DATABASE, { name: 'some' });
  const some = { source: place, database: 'some', tables: ["it's"] };
  const part = (await app.execute(RESTORE, { input: some })).createRestore.job;
  expect(part).toMatchObject({ description: `RESTORE some."it's" FROM '${place}'`, tables: ["it's"] });
  await changes.reaches(part.id, 'SUCCEEDED');
  expect(await app.refuse(RESTORE, { input: some })).toMatchObject({
    message: `database "some" has a table named "it's" already`,
    extensions: { code: 'BAD_USER_INPUT', field: 'input.database' },
  });
  await expect.poll(() => readdirSync(join(app.dataDir, 'work'))).toEqual([]);
});

test('a damaged backup fails when it is shown and when it is restored, and makes nothing', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await open(app);
  const { job } = (await app.execute(BACKUP, { input: { database: 'shop', destination: place } })).createBackup;
  await changes.reaches(job.id, 'SUCCEEDED');
  const folder = join(app.dataDir, 'files', 'b', 'one');
  const [name = ''] = readdirSync(join(folder, 'chunks'));
  writeFileSync(join(folder, 'chunks', name), 'x');
  const restore = (await app.execute(RESTORE, { input: { source: place, database: 'copy' } })).createRestore.job;
  await changes.reaches(restore.id, 'FAILED');
  expect((await jobNow(app, restore.id)).error).toContain(`chunk 1 of 1 of the backup at ${place} is damaged`);
  expect((await app.execute(NAMES)).databases.map((database) => database.name)).toEqual(['shop']);
  expect(readdirSync(join(app.dataDir, 'databases')).filter((file) => !file.startsWith('shop'))).toEqual([]);
  await expect.poll(() => readdirSync(join(app.dataDir, 'work'))).toEqual([]);

  writeFileSync(join(folder, 'manifest.json'), '{}');
  const refused = { code: 'BAD_USER_INPUT', field: 'url' };
  expect((await app.refuse(SHOW, { url: place })).extensions).toMatchObject(refused);
  expect(await app.refuse(SHOW, { url: 'nowhere' })).toMatchObject({ extensions: refused });
});

test('a backup that is canceled while it waits for its worker leaves nothing', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await open(app);
  const { job } = (await app.execute(BACKUP, { input: { database: 'shop', destination: place } })).createBackup;
  await order(app, 'PAUSE', [job.id]);
  const { refusals } = await order(app, 'CANCEL', [job.id]);
  // It may have ended by then: what is there is a whole backup, or nothing.
  if (refusals.length === 0) {
    await changes.reaches(job.id, 'CANCELED');
    expect(existsSync(join(app.dataDir, 'files', 'b'))).toBe(false);
  } else {
    expect((await app.execute(SHOW, { url: place })).backup).toMatchObject({ complete: true });
  }
});

test('whoever may not create jobs reads no backup', async () => {
  await using app = await startApp();
  await addUser(app, 'reader', { privileges: ['VIEWJOB', 'CONTROLJOB'] });
  for (const refused of [
    await app.refuse(SHOW, { url: place }, 'reader'),
    await app.refuse(BACKUP, { input: { database: 'shop', destination: place } }, 'reader'),
    await app.refuse(RESTORE, { input: { database: 'shop', source: place } }, 'reader'),
  ]) {
    expect(refused).toMatchObject({
      message: 'user reader does not have the privilege CREATEJOB',
      extensions: { code: 'FORBIDDEN' },
    });
  }
});

test('two restores that make the same are refused, the second by the name of the first', async () => {
  await using app = await startApp();
  await using changes = changesOf(app);
  await open(app);
  const { job } = (await app.execute(BACKUP, { input: { database: 'shop', destination: place } })).createBackup;
  await changes.reaches(job.id, 'SUCCEEDED');
  const input = { source: place, database: 'copy' };
  const ids = await Promise.allSettled([1, 2].map(() => app.execute(RESTORE, { input })));
  expect(ids.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  const [lost] = ids.filter((result) => result.status === 'rejected');
  expect(lost?.reason.failure.extensions.code).toBe('CONFLICT');
});
