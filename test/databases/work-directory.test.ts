import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  acquireWorkDirectoryFence,
  removeWorkDirectory,
  type WorkDirectory,
  withWorkDirectory,
} from '../../src/databases/work-directory.ts';
import { Fenced, PauseAsked, type Step } from '../../src/jobs/kind.ts';
import { claimOf, ioOf } from '../support/claimed.ts';
import { environmentOf } from '../support/places.ts';

const CHUNKS = { name: 'chunks', key: 'sha256' } as const;
interface Chunk {
  readonly sha256: string;
  readonly bytes: number;
}
const STEP: Step<null> = { checkpoint: null };
const { signal } = new AbortController();

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(path.join(tmpdir(), 'signalbox-work-'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const environment = () => environmentOf({ filesDir: path.join(dir, 'files') });
const acquire = (epoch: number, began = epoch > 1, task: 'run' | 'revert' | 'release' = 'run') =>
  acquireWorkDirectoryFence({ claim: claimOf('7', epoch), began }, ioOf(environment()), task);

/** Uses the directory under a claim, from its opening to its end. */
const use = async <R>(epoch: number, read: (directory: WorkDirectory) => R | AsyncGenerator<Step<null>, R, void>) => {
  const results: R[] = [];
  const steps = withWorkDirectory<null>(environment(), claimOf('7', epoch), async function* (directory) {
    const made = read(directory);
    results.push(isSteps(made) ? yield* made : made);
  });
  for await (const _ of steps);
  return results[0] as R;
};
const isSteps = <R>(made: unknown): made is AsyncGenerator<Step<null>, R, void> =>
  typeof made === 'object' && made !== null && Symbol.asyncIterator in made;

const append = (directory: WorkDirectory, chunks: readonly Chunk[], checkpoint: unknown) =>
  directory.fenced(STEP, signal, () => {
    directory.list<Chunk>(CHUNKS).append(chunks);
    return checkpoint;
  });

test('a list and the checkpoint are saved together, and read by the next claim', async () => {
  await acquire(1);
  await use(1, (directory) => directory.fenced(STEP, signal, () => directory.list<Chunk>(CHUNKS).create()));
  await use(1, (directory) => append(directory, [{ sha256: 'a', bytes: 1 }], { chunks: 1 }));
  await acquire(2);
  await use(2, (directory) => append(directory, [{ sha256: 'b', bytes: 2 }], { chunks: 2 }));
  await use(2, (directory) => {
    const list = directory.list<Chunk>(CHUNKS);
    expect(list.all()).toEqual([
      { sha256: 'a', bytes: 1 },
      { sha256: 'b', bytes: 2 },
    ]);
    expect(list.find('b')).toEqual({ sha256: 'b', bytes: 2 });
    expect(list.find('c')).toBeNull();
    expect(directory.readCheckpoint()).toEqual({ chunks: 2 });
  });
});

test('an older claim appends nothing', async () => {
  await acquire(1);
  await use(1, (directory) => directory.fenced(STEP, signal, () => directory.list<Chunk>(CHUNKS).create()));
  await acquire(2);
  await expect(use(1, (directory) => append(directory, [{ sha256: 'a', bytes: 1 }], 1))).rejects.toThrow(Fenced);
  await expect(use(1, (directory) => directory.checkCurrent())).rejects.toThrow(Fenced);
  expect(await use(2, (directory) => directory.list<Chunk>(CHUNKS).all())).toEqual([]);
});

test('the lists of version 0.1.0 are read and appended to', async () => {
  await acquire(1);
  const sql = new Sqlite(path.join(environment().workDir, '7', 'state.db'));
  sql.exec(`CREATE TABLE picture (json TEXT NOT NULL); INSERT INTO picture VALUES ('{"bytes":3}');
    CREATE TABLE chunks (n INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, json TEXT NOT NULL);
    CREATE INDEX chunksBySha256 ON chunks (sha256);
    INSERT INTO chunks VALUES (0, 'a', '{"sha256":"a","bytes":1}')`);
  sql.close();
  await use(1, (directory) => append(directory, [{ sha256: 'b', bytes: 2 }], 1));
  await use(1, (directory) => {
    expect(directory.list({ name: 'picture' }).all()).toEqual([{ bytes: 3 }]);
    expect(directory.list<Chunk>(CHUNKS).all()).toEqual([
      { sha256: 'a', bytes: 1 },
      { sha256: 'b', bytes: 2 },
    ]);
  });
  await use(1, (directory) => directory.fenced(STEP, signal, () => directory.list<Chunk>(CHUNKS).create()));
  expect(await use(1, (directory) => directory.list<Chunk>(CHUNKS).all())).toEqual([]);
});

test('once it is removed, the position is lost to a run, and nothing is created for a release', async () => {
  await acquire(1);
  await removeWorkDirectory(environment(), { jobId: '7' });
  await expect(acquire(2)).rejects.toThrow(PauseAsked);
  await acquire(2, true, 'release');
  expect(existsSync(path.join(environment().workDir, '7'))).toBe(false);
  await acquire(2, true, 'revert');
  expect(await use(2, (directory) => directory.readCheckpoint())).toBeNull();
});
