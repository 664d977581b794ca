/** The real store on PostgreSQL, opened three times as by three servers: each step uses the next of them. */
import { fileURLToPath } from 'node:url';
import type { JobStatus } from '../../src/jobs/status.ts';
import { openStore } from '../../src/store/open.ts';
import { createLane } from '../../src/store/postgres/connection.ts';
import { sql } from '../../src/store/sql.ts';
import type { Store } from '../../src/store/store.ts';
import { createPostgresDatabase } from '../support/postgres.ts';
import { RETRY } from './model.ts';
import type { ErrorRow, EventRow, JobRow, Observation, Scene } from './scene.ts';

const MIGRATIONS = fileURLToPath(new URL('../../prisma', import.meta.url));
const STORES = 3;

export const startPostgresScene = async (writeOrder: 'lock' | 'floor'): Promise<Scene> => {
  const database = await createPostgresDatabase(writeOrder);
  const open = () =>
    openStore({
      url: database.url,
      clock: 'given',
      migrations: MIGRATIONS,
      retry: RETRY,
      onLost: (error) => {
        throw error;
      },
      onSetBack: () => undefined,
    });
  const stores: Store[] = [];
  for (let n = 0; n < STORES; n += 1) stores.push(await open());
  const lane = createLane(database.url, 30_000);

  const read = (before: Pick<Observation, 'head' | 'lastTo'>): Promise<Observation> =>
    lane.use(async (db) => {
      const jobs = await db.rows<JobRow>(sql`SELECT j.*, j.committing::int AS committing,
        j.saved_in_claim::int AS saved_in_claim, w.checkpoint,
        EXISTS (SELECT 1 FROM worker_session s WHERE s.id = j.claimed_by)::int AS is_claim_known
        FROM job j JOIN job_work w ON w.job_id = j.id ORDER BY j.id`);
      const added = await db.rows<EventRow>(sql`SELECT * FROM event WHERE cursor > ${before.head} ORDER BY cursor`);
      const errors = await db.rows<ErrorRow>(sql`SELECT job_id, at, attempt, message FROM execution_error ORDER BY id`);
      const lastTo = new Map<number, JobStatus>(before.lastTo);
      for (const { jobId, to } of added) lastTo.set(jobId, to);
      return { jobs, errors, added, head: added.at(-1)?.cursor ?? before.head, lastTo };
    });

  const scene: Scene = {
    get store() {
      return stores[scene.steps % STORES] as Store;
    },
    seen: await read({ head: 0, lastTo: new Map() }),
    steps: 0,
    observe: () => read(scene.seen),
    clear: async () => {
      // The log does not begin anew: an event of no job is at its end.
      const script = `TRUNCATE ${CLEARED.join(', ')};
        UPDATE counters SET last_revision = (SELECT last_value FROM job_revision_seq);
        INSERT INTO event (cursor, job_id, at, actor_kind, actor_name, type, type_name, user_name, description, "to")
        SELECT last_value, 0, 0, 'SYSTEM', 'torture', 'CUSTOM', 'NONE', 'root', '', 'PENDING' FROM event_cursor_seq
        RETURNING cursor AS head`;
      const [row] = await lane.use((db) => db.script<{ readonly head: number }>(script));
      scene.seen = await read({ head: row?.head ?? 0, lastTo: new Map() });
    },
    reopen: async () => {
      const n = scene.steps % STORES;
      await stores[n]?.close();
      stores[n] = await open();
      // The servers that had these sessions are gone, as is noticed after a lease.
      await lane.use((db) => db.run(sql`UPDATE worker_session SET ended_at = 1 WHERE ended_at IS NULL`));
    },
    [Symbol.asyncDispose]: async () => {
      await lane.close();
      for (const store of stores) await store.close();
      await database.drop();
    },
  };
  return scene;
};

const CLEARED = [
  ...['recorded_command', 'pending_cleanup', 'event', 'execution_error', 'job_hold', 'job_work', 'job_credentials'],
  ...['job', 'worker_session'],
];
