/** The real store, on a file, and what lies in it after each step: read next to it, in three queries. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import type { JobStatus } from '../../src/jobs/status.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { RETRY } from './model.ts';

export interface JobRow {
  readonly id: number;
  readonly status: JobStatus;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  readonly fractionCompleted: number | null;
  readonly error: string | null;
  readonly attempts: number;
  readonly nextAttemptAt: number | null;
  readonly pauseReason: string | null;
  readonly revertCause: string | null;
  readonly committing: 0 | 1;
  readonly claimedBy: string | null;
  readonly epoch: number;
  readonly savedInClaim: 0 | 1;
  readonly revision: number;
  readonly checkpoint: string | null;
  /** 1 while the session of its claim is still known. */
  readonly isClaimKnown: 0 | 1;
}

export interface EventRow {
  readonly cursor: number;
  readonly jobId: number;
  readonly at: number;
  readonly from: JobStatus | null;
  readonly to: JobStatus;
}

export interface ErrorRow {
  readonly jobId: number;
  readonly at: number;
  readonly attempt: number;
  readonly message: string;
}

/** All that is in the store, and what the log got since the observation before. */
export interface Observation {
  readonly jobs: readonly JobRow[];
  readonly errors: readonly ErrorRow[];
  readonly added: readonly EventRow[];
  readonly head: number;
  readonly lastTo: ReadonlyMap<number, JobStatus>;
}

export interface Scene {
  readonly store: Store;
  /** As it was after the step before. */
  seen: Observation;
  /** Steps taken in all. */
  steps: number;
  observe(): Promise<Observation>;
  /** Empties the store; the numbers that it hands out go on. */
  clear(): Promise<void>;
  /** Closes the store and opens it again, as another process would. */
  reopen(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** The stores that are tried, each as its own kind of scene. */
export const SCENES = ['sqlite', 'postgres-lock', 'postgres-floor'] as const;

export const startScene = async (of: (typeof SCENES)[number]): Promise<Scene> => {
  if (of === 'sqlite') return startSqliteScene();
  const { startPostgresScene } = await import('./scene-postgres.ts');
  return startPostgresScene(of === 'postgres-lock' ? 'lock' : 'floor');
};

const MIGRATIONS = fileURLToPath(new URL('../../prisma', import.meta.url));
/** In memory, where there is such a place: what is tried here is not the disk. */
const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();

const startSqliteScene = async (): Promise<Scene> => {
  const folder = mkdtempSync(join(ROOM, 'signalbox-torture-'));
  const file = join(folder, 'signalbox.db');
  const open = () =>
    openStore({
      url: `file:${file}`,
      migrations: MIGRATIONS,
      retry: RETRY,
      onLost: (error) => {
        throw error;
      },
      onSetBack: () => {
        throw new Error('the store was set back');
      },
    });
  let store = await open();
  const db = new Database(file);
  db.pragma('synchronous = OFF');
  const reading = readingOf(db);
  const scene: Scene = {
    get store() {
      return store;
    },
    seen: reading({ head: 0, lastTo: new Map() }),
    steps: 0,
    observe: async () => reading(scene.seen),
    clear: async () => {
      db.exec(CLEARED.map((table) => `DELETE FROM ${table}`).join(';'));
      // Not as it was seen: a step that failed was not looked at to its end.
      const { head } = db
        .prepare('SELECT coalesce(max(seq), 0) AS head FROM sqlite_sequence WHERE name = ?')
        .get('Event') as {
        head: number;
      };
      scene.seen = reading({ head, lastTo: new Map() });
    },
    reopen: async () => {
      await store.close();
      store = await open();
    },
    [Symbol.asyncDispose]: async () => {
      db.close();
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return scene;
};

const CLEARED = [
  'RecordedCommand',
  'PendingCleanup',
  'Event',
  'ExecutionError',
  'JobHold',
  'JobWork',
  'JobCredentials',
  'Job',
  'WorkerSession',
];

const readingOf = (db: Database.Database) => {
  const jobs = db.prepare(`SELECT j.*, w.checkpoint,
    EXISTS (SELECT 1 FROM WorkerSession s WHERE s.id = j.claimedBy) AS isClaimKnown
    FROM Job j JOIN JobWork w ON w.jobId = j.id ORDER BY j.id`);
  const events = db.prepare('SELECT * FROM Event WHERE cursor > ? ORDER BY cursor');
  const errors = db.prepare('SELECT jobId, at, attempt, message FROM ExecutionError ORDER BY id');
  return (before: Pick<Observation, 'head' | 'lastTo'>): Observation => {
    const added = events.all(before.head) as EventRow[];
    const lastTo = added.length === 0 ? before.lastTo : new Map(before.lastTo);
    for (const { jobId, to } of added) (lastTo as Map<number, JobStatus>).set(jobId, to);
    return {
      jobs: jobs.all() as JobRow[],
      errors: errors.all() as ErrorRow[],
      added,
      head: added.at(-1)?.cursor ?? before.head,
      lastTo,
    };
  };
};
