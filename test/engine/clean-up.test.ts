import { linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { OwnedThings } from '../../src/databases/database.ts';
import { startCleanUp } from '../../src/engine/clean-up.ts';
import type { Kind } from '../../src/jobs/kind.ts';
import { createRegistry } from '../../src/jobs/registry.ts';
import type { EndedJob } from '../../src/store/store.ts';
import { environmentOf, sqliteAt } from '../support/places.ts';

const OWN = '0000000a';
const database = { name: 'demo', url: 'file:demo.db', createdAt: 0 };
const kind = { typeName: 'IMPORT', type: 'IMPORT', cleanUp: async () => undefined } as unknown as Kind;
const objects = (owner: string) => [
  { type: 'table' as const, name: `_signalbox_${owner}`, isKept: false },
  { type: 'table' as const, name: `_signalbox_${owner}_rejects`, isKept: true },
];
const thingsOf = (storeId: string | null, jobId: string): OwnedThings => ({
  owner: { storeId, jobId },
  objects: objects(`${storeId}_${jobId}`),
  hasRecord: true,
});
const ended = (id: string): EndedJob => ({
  ...{ id, epoch: 3, storeId: OWN, typeName: 'IMPORT', details: {}, checkpoint: null, database, finishedAt: 5 },
});

/** A store and databases that answer what they are given, and note what they are asked. */
const startScene = (given: {
  pending?: EndedJob[];
  found?: OwnedThings[];
  jobs?: object[];
  fails?: string;
  /** Another database, which is a file of its own, or another name of the same file. */
  original?: 'file' | 'link';
  /** Files in which jobs keep something. */
  kept?: readonly string[];
}) => {
  const dir = mkdtempSync(path.join(tmpdir(), 'signalbox-clean-up-'));
  writeFileSync(path.join(dir, 'demo.db'), '');
  const keptDir = path.join(dir, 'rejects');
  mkdirSync(keptDir);
  for (const name of given.kept ?? []) writeFileSync(path.join(keptDir, name), '');
  if (given.original === 'file') writeFileSync(path.join(dir, 'original.db'), '');
  if (given.original === 'link') linkSync(path.join(dir, 'demo.db'), path.join(dir, 'original.db'));
  const asked: unknown[][] = [];
  const logged: Record<string, unknown>[] = [];
  let pending = given.pending ?? [];
  let commit: (commit: { head: number }) => void = () => undefined;
  let seen = () => {};
  const ask = async (of: string, question: string, ...args: unknown[]) => {
    if (question === 'dropBroken') return { hasTriggers: false, dropped: [] };
    asked.push([
      question,
      ...(question === 'cleanUp' ? [of] : []),
      ...args.filter((arg) => typeof arg !== 'string' || !arg.startsWith('/')),
    ]);
    seen();
    if (question === given.fails) throw new Error('database demo is locked');
    return question === 'listOwned' ? (given.found ?? []) : undefined;
  };
  const store = {
    id: OWN,
    onCommit: (listener: typeof commit) => {
      commit = listener;
      return () => undefined;
    },
    log: async () => ({ head: 0, end: 0, horizon: 0, revision: 0, lost: [] }),
    pendingCleanups: async () => pending,
    cleanedUp: async (id: string) => {
      pending = pending.filter((job) => job.id !== id);
      seen();
    },
    jobsById: async () => given.jobs ?? [],
    databases: async () =>
      given.found === undefined
        ? []
        : [database, ...(given.original === undefined ? [] : [{ ...database, name: 'original' }])],
  };
  const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) });
  const placeOf = (known: { name: string } | null) =>
    environmentOf({ filesDir: dir, keptDir, database: sqliteAt(path.join(dir, `${known?.name ?? 'demo'}.db`)) });
  const cleanUp = startCleanUp({
    ...{ store, runner: { ask }, log, registry: createRegistry([kind]), environmentOf: placeOf, isHere: () => true },
  } as unknown as Parameters<typeof startCleanUp>[0]);
  return {
    asked,
    logged,
    cleanUp,
    pending: () => pending,
    kept: () => readdirSync(keptDir).sort(),
    add: (job: EndedJob) => {
      pending = [...pending, job];
      commit({ head: pending.length });
    },
    until: async (isSo: () => boolean) => {
      while (!isSo()) {
        await new Promise<void>((resolve) => {
          seen = resolve;
        });
      }
    },
    [Symbol.asyncDispose]: async () => {
      await cleanUp.stop();
      rmSync(dir, { recursive: true });
    },
  };
};

test('what ended before the start, and what ends later, is cleaned up; the records go when the server stops', async () => {
  await using scene = startScene({ pending: [ended('7')] });
  await scene.until(() => scene.pending().length === 0);
  scene.add(ended('8'));
  await scene.until(() => scene.pending().length === 0);
  expect(scene.asked.map(([question]) => question)).toEqual(['cleanUp', 'cleanUp']);
  expect(scene.asked[1]).toMatchObject([
    'cleanUp',
    'IMPORT',
    { claim: { jobId: '8', epoch: 3, storeId: OWN } },
    {},
    'ended',
  ]);
  await scene.cleanUp.stop();
  expect(scene.asked.slice(2)).toEqual([['dropRecords', 'demo', OWN]]);
});

test('what cannot be cleaned up stays pending, is named in the log, and holds up nothing else', async () => {
  await using scene = startScene({ pending: [ended('7')], fails: 'cleanUp' });
  await scene.until(() => scene.asked.length === 1);
  scene.add(ended('8'));
  await scene.until(() => scene.asked.length === 2);
  await scene.cleanUp.stop();
  expect(scene.pending().map(({ id }) => id)).toEqual(['7', '8']);
  expect(scene.logged).toContainEqual(expect.objectContaining({ jobId: '7', reason: 'database demo is locked' }));
});

test('a sweep removes what ended jobs of this store left, and touches nothing of a live job or another store', async () => {
  const found = [
    ...['1', '2', '3', '7'].map((id) => thingsOf(OWN, id)),
    thingsOf('0000000b', '4'),
    thingsOf(null, '5'),
    thingsOf(null, '6'),
  ];
  const jobs = [
    { id: '1', finishedAt: null },
    { id: '2', finishedAt: 9, database: 'demo' },
    { id: '5', finishedAt: 9, database: 'demo' },
    { id: '7', finishedAt: 9, database: 'other' },
  ];
  await using scene = startScene({ found, jobs });
  await scene.until(() => scene.asked.some(([question]) => question === 'dropRecords'));
  const removed = scene.asked.filter(([question]) => question === 'removeOwned').map(([, , ...asked]) => asked);
  // `null`: the rows that people read are not moved.
  expect(removed).toEqual([
    [thingsOf(OWN, '2')],
    [thingsOf(OWN, '3'), null],
    // In a copy, they may be incomplete.
    [{ ...thingsOf(OWN, '7'), objects: thingsOf(OWN, '7').objects.filter(({ isKept }) => !isKept) }, null],
    [thingsOf(null, '5')],
  ]);
  // A live job has its record there.
  expect(scene.asked.filter(([question]) => question === 'dropRecords')).toEqual([['dropRecords', 'demo', null]]);
  const named = scene.logged.filter(({ msg }) => msg === 'left by another store').map(({ jobId }) => jobId);
  expect(named).toEqual(['4', '6']);
});

test('a sweep removes what unknown jobs keep, and files that a killed clean-up left', async () => {
  const kept = ['1.db', '1.db.a-b.part', '7.db.c-d.part', '8.db', '9.db.e-f.part', 'other.db'];
  const jobs = [
    { id: '1', finishedAt: 9 },
    { id: '7', finishedAt: 9 },
  ];
  await using scene = startScene({ pending: [ended('7')], fails: 'cleanUp', found: [], jobs, kept });
  await scene.until(() => scene.asked.some(([question]) => question === 'listOwned'));
  expect(scene.kept()).toEqual(['1.db', '7.db.c-d.part', 'other.db']);
});

test.each([
  ['removes them from a copy of the database', 'file', ['demo']],
  ['keeps them under another name of the same file', 'link', []],
] as const)('a sweep that finds what a live job has %s', async (_, original, expected) => {
  const jobs = [{ id: '1', finishedAt: null, database: 'original' }];
  await using scene = startScene({ found: [thingsOf(OWN, '1')], jobs, original });
  await scene.until(() => scene.asked.filter(([question]) => question === 'listOwned').length === 2);
  await scene.cleanUp.stop();
  const removed = scene.asked.filter(([question]) => question === 'removeOwned').map(([, name]) => name);
  expect(removed).toEqual(expected);
});
