import { readdirSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { graphql } from '../generated/gql.ts';
import { contentOf } from '../kinds/restore/scene.ts';
import { changesOf, startApp, type TestApp } from '../support/app.ts';
import type { Cloud } from '../support/cloud.ts';
import { jobNow, jobWhen, order } from '../support/control.ts';
import { type Fate, startFaulty } from '../support/faulty.ts';
import { startS3 } from '../support/s3.ts';

const BACKUP = graphql(/* GraphQL */ `
  mutation BackUpFaulty($input: CreateBackupInput!) {
    createBackup(input: $input) {
      job {
        id
      }
    }
  }
`);
const RESTORE = graphql(/* GraphQL */ `
  mutation RestoreFaulty($input: CreateRestoreInput!) {
    createRestore(input: $input) {
      job {
        id
      }
    }
  }
`);

/** A server with a database, and a store behind a proxy that treats each request as configured. */
const openFaulty = async (s3: Cloud, fateOf: (count: number, asked: IncomingMessage) => Fate) => {
  const faulty = await startFaulty(s3.host, (asked, count) => fateOf(count, asked));
  const app = await startApp({ settings: { ALLOW_PRIVATE_HOSTS: faulty.host } });
  await app.send({ query: 'mutation { createDatabase(input: { name: "demo" }) { database { name } } }' });
  const file = join(app.dataDir, 'databases', 'demo.db');
  const sql = new Database(file);
  sql.exec(`CREATE TABLE t (a, b); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400)
    INSERT INTO t SELECT i, randomblob(100000) FROM n`);
  sql.close();
  return {
    app,
    file,
    url: s3.url('backups/one').replace(encodeURIComponent(s3.host), encodeURIComponent(faulty.host)),
    [Symbol.asyncDispose]: async () => {
      await app[Symbol.asyncDispose]();
      await faulty[Symbol.asyncDispose]();
    },
  };
};
const backUp = async (app: TestApp, destination: string) =>
  (await app.execute(BACKUP, { input: { database: 'demo', destination } })).createBackup.job.id;

test('a store that fails every third call delays a backup and its restore, and no more', async () => {
  await using s3 = await startS3();
  await s3.makeBucket('backups');
  let isBad = false;
  await using scene = await openFaulty(s3, (count) =>
    isBad && count % 3 === 0 ? (count % 2 === 0 ? 503 : 'cut') : 'pass',
  );
  const { app, url } = scene;
  await using changes = changesOf(app);
  const id = await backUp(app, url);
  isBad = true;
  await changes.reaches(id, 'SUCCEEDED');
  isBad = false;
  const { job } = (await app.execute(RESTORE, { input: { source: url, database: 'copy' } })).createRestore;
  isBad = true;
  await changes.reaches(job.id, 'SUCCEEDED');
  expect(contentOf(join(app.dataDir, 'databases', 'copy.db'))).toEqual(contentOf(scene.file));
});

test('a key that is revoked partway fails the backup, and what it wrote goes once there is a key again', async () => {
  await using s3 = await startS3();
  await s3.makeBucket('backups');
  let [chunks, isBack] = [0, false];
  await using scene = await openFaulty(s3, (_, { method, url }) => {
    if (method === 'PUT' && /chunks/.test(url ?? '')) chunks += 1;
    // In the middle of the second four that are on their way together.
    return chunks > 5 && !isBack ? 403 : 'pass';
  });
  const { app, url } = scene;
  await using changes = changesOf(app);
  const id = await backUp(app, url);
  await changes.reaches(id, 'REVERTING');
  await jobWhen(
    app,
    id,
    ({ executionErrors, statusMessage }) => executionErrors.length > 0 || /backups\/one/.test(statusMessage ?? ''),
  );
  isBack = true;
  await order(app, 'RESUME', [id]);
  await changes.reaches(id, 'FAILED');
  expect(chunks).toBeGreaterThan(5);
  expect((await jobNow(app, id)).error).toMatch(/s3:\/\/backups\/one.*(403|permission|may not)/i);
  const query = 'query ($url: String!) { backup(url: $url) { complete } }';
  expect(await app.send({ query, variables: { url } })).toEqual({ data: { backup: null } });
  const listed = await (await fetch(`http://${s3.host}/backups`)).text();
  expect([...listed.matchAll(/<Key>([^<]*)/g)].map(([, key]) => key)).toEqual([]);
  await expect.poll(() => readdirSync(join(app.dataDir, 'work'))).toEqual([]);
});
