import type { TestApp } from './app.ts';
import { inStore, isOnPostgres } from './store.ts';

/** Puts jobs that ended then into the store of a server that is stopped, each with its work and two events. */
export const writeEnded = async (dataDir: string, jobs: number, at: number): Promise<void> => {
  const counted = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${jobs})`;
  const named = "'CUSTOM', 'SCRIPTED', 'root', 'SCRIPTED ' || i";
  const then = `${at}, ${at}, ${at}, ${at}, ${at}`;
  await inStore(
    dataDir,
    `${counted} INSERT INTO Job (id, type, typeName, userName, description, status, createdAt, startedAt, finishedAt,
      finishOrder, modifiedAt, revision) SELECT i, ${named}, 'SUCCEEDED', ${then}, 0 FROM n`,
  );
  await inStore(dataDir, `${counted} INSERT INTO JobWork (jobId, details) SELECT i, '{}' FROM n`);
  for (const [from, to] of [
    ['NULL', "'PENDING'"],
    ["'PENDING'", "'SUCCEEDED'"],
  ]) {
    await inStore(
      dataDir,
      `${counted} INSERT INTO Event (jobId, at, actorKind, actorName, type, typeName, userName, description, "from", "to")
       SELECT i, ${at}, 'USER', 'root', ${named}, ${from}, ${to} FROM n`,
    );
  }
  // A sequence of PostgreSQL is far beyond these ids.
  if (!isOnPostgres(dataDir)) await inStore(dataDir, `UPDATE Counters SET lastJobId = ${jobs}`);
};

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
