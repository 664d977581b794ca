import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { TestApp } from './app.ts';

/** Runs statements in the store of a server that is stopped. */
export const inStore = <T>(dataDir: string, work: (db: Database.Database) => T): T => {
  const db = new Database(join(dataDir, 'signalbox.db'));
  try {
    db.pragma('foreign_keys = ON');
    return db.transaction(work)(db);
  } finally {
    db.close();
  }
};

/** Puts jobs that ended then into the store of a server that is stopped, each with its work and two events. */
export const writeEnded = (dataDir: string, jobs: number, at: number): void =>
  inStore(dataDir, (db) => {
    const { last } = db.prepare('SELECT lastJobId AS last FROM Counters').get() as { last: number };
    const counted = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < @jobs)';
    const named = "'CUSTOM', 'SCRIPTED', 'root', 'SCRIPTED ' || i";
    const given = { jobs, at, last };
    db.prepare(
      `${counted} INSERT INTO Job (id, type, typeName, userName, description, status, createdAt, startedAt, finishedAt,
       finishOrder, modifiedAt, revision) SELECT @last + i, ${named}, 'SUCCEEDED', @at, @at, @at, @at, @at, 0 FROM n`,
    ).run(given);
    db.prepare(`${counted} INSERT INTO JobWork (jobId, details) SELECT @last + i, '{}' FROM n`).run(given);
    for (const [from, to] of [
      [null, 'PENDING'],
      ['PENDING', 'SUCCEEDED'],
    ]) {
      db.prepare(
        `${counted} INSERT INTO Event (jobId, at, actorKind, actorName, type, typeName, userName, description, "from", "to")
         SELECT @last + i, @at, 'USER', 'root', ${named}, @from, @to FROM n`,
      ).run({ ...given, from, to });
    }
    db.prepare('UPDATE Counters SET lastJobId = @last + @jobs').run({ jobs, last });
  });

/** Waits until something is so, looked at after each commit. */
export const until = async (app: TestApp, isSo: () => Promise<boolean>) => {
  for (;;) {
    let ignore = () => {};
    const committed = new Promise<void>((resolve) => {
      ignore = app.store.onCommit(() => resolve());
    });
    const so = await isSo();
    if (!so) await committed;
    ignore();
    if (so) return;
  }
};

export const isGone = async (app: TestApp, id: string) =>
  ((await app.send({ query: `{ job(id: "${id}") { id } }` })).data as { job: unknown }).job === null;
export const removed = (app: TestApp, id: string) => until(app, () => isGone(app, id));
