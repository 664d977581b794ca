/**
 * Removes older backups once a new one is complete, so that a number of them remains. Only complete backups count, and
 * only those of the same user, database and destination pattern are removed: destinations that differ in nothing but
 * their digits belong together. A backup that another one needs, or that a job uses, stays. The newest is removed first,
 * so that at every moment each backup that remains has its parents; of each, the manifest goes first.
 */
import { createHash } from 'node:crypto';
import { isComplete } from '../../backup-format/completeness.ts';
import { type Head, MANIFEST, readHead } from '../../backup-format/manifest.ts';
import { isNeeded, type NeededBy, needsIn, removeNeed } from '../../backup-format/needed-by.ts';
import { SignalboxError } from '../../errors.ts';
import type { Step } from '../../jobs/kind.ts';
import { openFolder } from '../../storage/open.ts';
import { StorageError } from '../../storage/url.ts';
import {
  type BackupProgress,
  type BackupWork,
  type Job,
  MARKED,
  readCheckpoint,
  type Steps,
  urlOf,
} from './details.ts';
import { findManifests, urlBelow } from './list.ts';

/** The location that holds all destinations of a pattern, and the pattern of a name in it; null without digits. */
export const patternOf = (url: string): { readonly location: string; readonly shape: string } | null => {
  const [, root = '', path = '', query = ''] = /^([a-z0-9]+:\/\/[^/?#]*)([^?#]*)(.*)$/is.exec(url) ?? [];
  const segments = path
    .split('/')
    .filter((segment) => segment !== '')
    .map(decoded);
  const first = segments.findIndex((segment) => /\d/.test(segment));
  if (first === -1) return null;
  const above = segments.slice(0, first).map((segment) => `/${encodeURIComponent(segment)}`);
  return { location: `${root}${above.join('') || '/'}${query}`, shape: shapeOf(segments.slice(first).join('/')) };
};

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
};

const shapeOf = (name: string): string => name.replace(/\d+/g, '0');

/** Marks the backups of a user. Another job store has other marks. */
export const creatorMark = ({ claim }: Pick<BackupWork, 'claim'>, creator: string | undefined): string | null =>
  claim.storeId === null || creator === undefined
    ? null
    : createHash('sha256')
        .update(JSON.stringify([claim.storeId, creator]))
        .digest('hex');

interface Found {
  readonly url: string;
  readonly head: Head;
}

/** A backup whose removal has begun, in the work directory. */
interface Removal {
  readonly url: string;
  readonly files: readonly string[];
  readonly need: NeededBy | null;
}

export const removalList = ({ directory }: Pick<Job, 'directory'>) => directory.list<Removal>({ name: 'removals' });

export async function* removeOlder(job: Job): Steps {
  const { work, io } = job;
  if (work.details.keep === null) return;
  try {
    // The work directory was lost.
    if (readCheckpoint(job.directory) === null) {
      yield* job.directory.fenced(REMOVING, io.signal, () => {
        removalList(job).create();
        return MARKED;
      });
    }
    // Those that an earlier claim had begun to remove.
    for (const removal of removalList(job).all()) yield* remove(job, removal);
    for (const { url, head } of await findOlder(job)) {
      const need = head.incrementalFrom === null ? null : { url: head.incrementalFrom.url, id: head.id };
      const older = openFolder(url, io.environment);
      const files = [...head.files.map(({ name }) => name), ...(await needsIn(older, io.signal))];
      const removal = { url: older.url, files, need };
      yield* job.directory.fenced(REMOVING, io.signal, () => removalList(job).append([removal]));
      yield* remove(job, removal);
    }
  } catch (error) {
    if (!(error instanceof StorageError || error instanceof SignalboxError)) throw error;
    yield { ...REMOVING, warnings: [`older backups were not removed: ${error.message}`] };
  }
}

/** The backup itself is complete. */
const REMOVING: Step<BackupProgress> = {
  checkpoint: { fraction: 1 },
  fractionCompleted: 1,
  message: 'removing older backups',
};

/** Idempotent. */
async function* remove(job: Job, { url, files, need }: Removal): Steps {
  const { work, io, directory } = job;
  const destination = urlOf(work, 'destination', work.details.destination);
  const folder = openFolder(withQueryOf(url, destination), io.environment);
  directory.checkCurrent();
  await folder.remove(MANIFEST, io.signal);
  for (const name of files) {
    io.signal.throwIfAborted();
    directory.checkCurrent();
    await folder.remove(name, io.signal);
    yield REMOVING;
  }
  if (need !== null) await removeNeed(need, destination, io.environment, io.signal);
}

/** The keys are not kept with the list of removals. */
const withQueryOf = (url: string, destination: string): string =>
  `${url.split(/[?#]/)[0]}${/\?[^#]*/.exec(destination)?.[0] ?? ''}`;

/** The backups to remove, newest first. */
const findOlder = async ({ work, io, folder }: Job): Promise<readonly Found[]> => {
  const { details } = work;
  const { environment, signal } = io;
  const pattern = patternOf(urlOf(work, 'destination', details.destination));
  const own = await readHead(folder, signal);
  const mark = creatorMark(work, environment.creator);
  if (pattern === null || own === null || mark === null) return [];
  const all: (Found & { readonly name: string })[] = [];
  for (const name of await findManifests(pattern.location, environment, signal)) {
    const url = urlBelow(pattern.location, name);
    const head = await readHead(openFolder(url, environment), signal).catch(ignoreDamage);
    if (head !== null) all.push({ name, url, head });
  }
  const candidates: Found[] = [];
  for (const one of all) {
    const { name, url, head } = one;
    const isOwn = head.createdBy === mark && head.database === details.database && shapeOf(name) === pattern.shape;
    if (isOwn && (await isComplete(url, head, environment, signal))) candidates.push(one);
  }
  const older = candidates.sort(newestFirst).slice(details.keep ?? candidates.length);
  const used = new Set(await io.usedBackups?.());
  // These are looked at below.
  const known = new Set(all.map(({ head }) => head.id));
  const free: Found[] = [];
  for (const one of older.filter(({ head }) => head.sha256 !== own.sha256 && !used.has(head.sha256))) {
    if (!(await isNeeded(one.url, known, environment, signal))) free.push(one);
  }
  return withoutParents(free, all);
};

const ignoreDamage = (error: unknown): null => {
  if (error instanceof StorageError) return null;
  throw error;
};

const newestFirst = (one: Found, other: Found): number =>
  Date.parse(other.head.createdAt) - Date.parse(one.head.createdAt);

/** Those that no other backup needs, except such as are removed before them. */
const withoutParents = (free: readonly Found[], all: readonly Found[]): readonly Found[] => {
  let removed = free;
  for (;;) {
    const gone = new Set(removed.map(({ head }) => head.sha256));
    const needed = new Set(
      all.flatMap(({ head }) => (gone.has(head.sha256) ? [] : [head.incrementalFrom?.sha256 ?? ''])),
    );
    const left = removed.filter(({ head }) => !needed.has(head.sha256));
    if (left.length === removed.length) return left;
    removed = left;
  }
};
