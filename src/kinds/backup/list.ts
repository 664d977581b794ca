/** Lists the backups in a location: a folder of the server, or a prefix of a bucket. */
import { type Brief, readBrief } from '../../backup-format/brief.ts';
import { isMarker } from '../../backup-format/in-progress-marker.ts';
import { MANIFEST } from '../../backup-format/manifest.ts';
import { badInput } from '../../errors.ts';
import type { Instant } from '../../jobs/job.ts';
import type { Environment } from '../../jobs/kind.ts';
import { openFolder, openListing } from '../../storage/open.ts';
import { probe } from '../../storage/probe.ts';
import { StorageError, withoutSlashes } from '../../storage/url.ts';
import { type BackupSummary, summaryOf } from './describe.ts';

/** The position of a backup in a list: newer ones come first, and of two of the same time the one whose name is less. */
export interface Place {
  readonly createdAt: Instant;
  /** Relative to the location; empty for a backup at the location itself. */
  readonly name: string;
}

export interface BackupQuery {
  readonly url: string;
  readonly limit: number;
  readonly after: Place | null;
}

export interface BackupPage {
  readonly backups: readonly { readonly place: Place; readonly backup: BackupSummary }[];
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
}

/** How many files and folders are looked at, not counting the chunks of backups. */
export const MAX_ENTRIES = 5_000;
/** How many manifests are read at the same time. */
const AT_ONCE = 8;

/** @throws badInput for a location that cannot be listed, or that holds too much */
export const listBackups = ({ url, limit, after }: BackupQuery, environment: Environment): Promise<BackupPage> =>
  probe('url', async (signal) => {
    const names = await findManifests(url, environment, signal);
    const found = await eachOf(names, (name) => foundAt(url, name, environment, signal));
    const sorted = found.filter((one) => one !== null).sort((one, other) => order(one.place, other.place));
    const from = after === null ? 0 : sorted.filter(({ place }) => order(place, after) <= 0).length;
    const backups = await eachOf(sorted.slice(from, from + limit), async ({ place, brief }) => {
      const backup = await orDamaged(urlBelow(url, place.name), brief, environment, signal);
      return backup === null ? null : { place, backup };
    });
    return {
      backups: backups.filter((one) => one !== null),
      hasNextPage: sorted.length > from + limit,
      hasPreviousPage: from > 0,
    };
  });

const order = (one: Place, other: Place): number =>
  other.createdAt - one.createdAt || Number(one.name > other.name) - Number(one.name < other.name);

/** The names of the folders that have a manifest. Chunks are not looked at. */
export const findManifests = async (
  url: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<readonly string[]> => {
  const location = openListing(url, environment);
  const found: string[] = [];
  const folders = [''];
  let seen = 0;
  for (let below = folders.pop(); below !== undefined; below = folders.pop()) {
    const inside: string[] = [];
    const at = below === '' ? '' : `${below}/`;
    let isBackup = false;
    for await (const { name, isFolder } of readable(location.entries(below, signal), below)) {
      seen += 1;
      if (seen > MAX_ENTRIES) throw tooMany();
      if (isFolder) inside.push(name);
      else {
        const file = name.slice(at.length);
        if (file === MANIFEST) found.push(below);
        isBackup ||= file === MANIFEST || isMarker(file);
      }
    }
    folders.push(...inside.filter((name) => !isBackup || name !== `${at}chunks`));
  }
  return found;
};

const tooMany = () =>
  badInput(
    'url',
    `url holds more than ${MAX_ENTRIES} files and folders, not counting the chunks of backups: name a folder in it`,
  );

/** A folder below the location that cannot be read has nothing to list. */
async function* readable<T>(entries: AsyncIterable<T>, below: string): AsyncGenerator<T, void, void> {
  try {
    yield* entries;
  } catch (error) {
    if (below === '' || !(error instanceof StorageError)) throw error;
  }
}

interface Found {
  readonly place: Place;
  readonly brief: Brief;
}

/** Null if another program wrote the manifest, or if it is damaged where it describes the backup. */
const foundAt = async (
  url: string,
  name: string,
  environment: Environment,
  signal: AbortSignal,
): Promise<Found | null> => {
  try {
    const brief = await readBrief(openFolder(urlBelow(url, name), environment), signal);
    return brief === null ? null : { place: { createdAt: Date.parse(brief.createdAt), name }, brief };
  } catch (error) {
    if (error instanceof StorageError) return null;
    throw error;
  }
};

/** A damaged backup is listed as one that cannot be restored. Null if it has been removed since. */
const orDamaged = async (
  url: string,
  { database, createdAt }: Brief,
  environment: Environment,
  signal: AbortSignal,
): Promise<BackupSummary | null> => {
  try {
    return await summaryOf(url, environment, signal);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    const nothing = { complete: false, incrementalFrom: null, sizeBytes: 0, storedBytes: 0, tables: [] };
    return { url: openFolder(url, environment).url, database, createdAt: Date.parse(createdAt), ...nothing };
  }
};

/** The URL of a folder below a location, with the parameters of the location. */
export const urlBelow = (url: string, name: string): string => {
  const [, root = '', path = '', query = ''] = /^([a-z0-9]+:\/\/[^/?#]*)([^?#]*)(.*)$/is.exec(url) ?? [];
  if (name === '') return url;
  return `${root}${withoutSlashes(path)}/${name.split('/').map(encodeURIComponent).join('/')}${query}`;
};

const eachOf = async <T, R>(items: readonly T[], use: (item: T) => Promise<R>): Promise<readonly R[]> => {
  const results: R[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE) {
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(use))));
  }
  return results;
};
