/** A store that was created when names of users were compared with case. */
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { RETRY } from '../../src/jobs/retry.ts';
import { openStore } from '../../src/store/open.ts';
import { migrate } from '../../src/store/sqlite/migrate.ts';
import { temporaryFolder } from '../support/process.ts';
import { ADMIN } from './contract/scene.ts';

const MIGRATIONS = resolve('prisma/sqlite/migrations');

test('users whose names differ only by case are renamed, with their jobs and events; everything else stays', async () => {
  using folder = temporaryFolder();
  const file = join(folder.path, 'signalbox.db');
  const older = join(folder.path, 'migrations');
  mkdirSync(older);
  for (const name of readdirSync(MIGRATIONS).filter((one) => /^\d+_/.test(one) && one < '20261130')) {
    cpSync(join(MIGRATIONS, name), join(older, name), { recursive: true });
  }
  migrate(file, older);
  const db = new Database(file);
  const users = [
    ['root', 1, 5],
    ['ROOT', 0, 1],
    ['Ann', 0, 2],
    ['ann', 1, 3],
    ['ANN', 0, 3],
    ['bob', 0, 4],
  ] as const;
  for (const [index, [name, isAdmin, createdAt]] of users.entries()) {
    const id = index + 1;
    db.prepare(`INSERT INTO User VALUES (?, ?, '["VIEWJOB"]', ?)`).run(name, isAdmin, createdAt);
    db.prepare(`INSERT INTO Job (id, type, typeName, description, userName, status, createdAt, modifiedAt, revision)
      VALUES (?, 'CUSTOM', 'X', 'a job', ?, 'PENDING', 1, 1, 1)`).run(id, name);
    db.prepare(`INSERT INTO JobWork (jobId, details) VALUES (?, '{}')`).run(id);
    db.prepare(`INSERT INTO Event (jobId, at, actorKind, actorName, type, typeName, userName, description, "to")
      VALUES (?, 1, 'USER', ?, 'CUSTOM', 'X', ?, 'a job', 'PENDING')`).run(id, name, name);
    db.prepare(`INSERT INTO IdempotencyKey VALUES (?, 'X', 'key', 'hash', ?)`).run(name, id);
  }
  db.close();

  const store = await openStore({
    url: `file:${file}`,
    migrations: resolve('prisma'),
    retry: RETRY,
    threads: false,
    onLost: () => undefined,
    onSetBack: () => undefined,
  });
  const found = await store.users();
  const renamed = (of: string) => found.find(({ name }) => name.startsWith(`${of}.`))?.name ?? `no ${of}`;
  const now = ['root', renamed('ROOT'), 'Ann', renamed('ann'), renamed('ANN'), 'bob'];
  for (const of of ['ROOT', 'ann', 'ANN']) expect(renamed(of)).toMatch(new RegExp(`^${of}\\.[0-9a-f]{8}$`));
  expect(found.map(({ name, isAdmin }) => [name, isAdmin])).toEqual(
    expect.arrayContaining(users.map(([, isAdmin], index) => [now[index], isAdmin === 1])),
  );
  expect(found.length).toBe(users.length);
  const ids = users.map((_, index) => String(index + 1));
  expect((await store.jobsById(ids, ADMIN)).map(({ userName }) => userName)).toEqual(now);
  const page = { direction: 'ascending', after: null, before: null, limit: 100 } as const;
  const { events } = await store.events(page, ADMIN);
  expect(events.map(({ userName, actor }) => [userName, actor.name])).toEqual(now.map((name) => [name, name]));
  for (const [index, name] of now.entries()) {
    const key = { mutation: 'X', key: 'key', inputHash: 'hash' };
    expect(await store.jobByKey(name ?? '', key)).toBe(String(index + 1));
  }
  await store.close();
});
