/** The data folder of version 0.1.0, as a server that was killed left it: see test/fixtures/README.md. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';

/** Rows are known by their numbers: the first and the last of each run of them. */
type Ranges = readonly (readonly [number, number])[];

export interface OldMessage {
  readonly cursor?: string;
  readonly key: readonly number[];
  readonly after: unknown;
}

/** What is to become of a job, and what is to be found then. */
interface Expected {
  /** What is ordered of it; `itself`: nothing. Left out for a job that had ended. */
  readonly command?: 'itself' | 'RESUME' | 'CANCEL';
  readonly end?: 'SUCCEEDED' | 'FAILED' | 'CANCELED' | 'RUNNING';
  /** `ranges` is null where there is no such table. */
  readonly tables?: readonly { readonly database: string; readonly table: string; readonly ranges: Ranges | null }[];
  readonly columns?: readonly string[];
  readonly index?: string;
  readonly backup?: { readonly url: string; readonly ranges: Ranges };
  /** A path under the data folder where nothing is. */
  readonly absent?: string;
  readonly rejected?: number;
  readonly waitsFor?: string;
  readonly input?: Readonly<Record<string, unknown>>;
  /** Of a feed: where its files are, how many messages it has, and those that are still to come. */
  readonly folder?: string;
  readonly messages?: number;
  readonly rows?: number;
  readonly acknowledged?: string;
  readonly rest?: readonly OldMessage[];
  readonly later?: readonly OldMessage[];
  readonly webhookSecret?: string;
}

export interface OldJob {
  readonly name: string;
  readonly id: string;
  readonly kind: string;
  readonly status: string;
  readonly userName: string;
  readonly description: string;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly finishedAt: string | null;
  readonly error: string | null;
  readonly pauseReason: string | null;
  readonly fractionCompleted: number | null;
  readonly counters: readonly { readonly name: string; readonly value: number }[];
  readonly isCommitting: boolean;
  readonly isSaved: boolean;
  readonly expected: Expected;
  readonly events: readonly { readonly cursor: string; readonly to: string }[];
}

interface OldData {
  readonly dataDir: string;
  readonly host: string;
  readonly secret: string;
  /** The end of the log. */
  readonly head: string;
  readonly users: readonly {
    readonly name: string;
    readonly isAdmin: boolean;
    readonly privileges: readonly string[];
  }[];
  readonly databases: readonly string[];
  readonly jobs: readonly OldJob[];
}

const FIXTURES = join(import.meta.dirname, '..', 'fixtures');

export const readOldData = (): OldData => JSON.parse(readFileSync(join(FIXTURES, 'data-0.1.0.json'), 'utf8'));

/** Unpacks it, and puts in what depends on the machine. `host` is where its web server is now. */
export const unpackOldData = (old: OldData, host: string) => {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-')));
  const tar = brotliDecompressSync(readFileSync(join(FIXTURES, 'data-0.1.0.tar.br')));
  execFileSync('tar', ['-x', '-f', '-', '-C', path], { input: tar, stdio: ['pipe', 'inherit', 'inherit'] });
  mkdirSync(join(path, 'data', 'scratch'), { recursive: true });
  moveHere(old, join(path, 'data'), host);
  return { path, data: join(path, 'data'), [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
};

/**
 * On the machine where it was made, a folder keeps its path, its files their inodes, and others their ports. What
 * version 0.1.0 has written of these is written for the place where the folder is now.
 */
const moveHere = ({ dataDir, host: oldHost }: OldData, data: string, host: string) => {
  const store = new Sqlite(join(data, 'signalbox.db'));
  try {
    store.prepare('UPDATE JobHold SET resource = replace(resource, ?, ?)').run(dataDir, data);
    store.prepare('UPDATE Database SET url = replace(url, ?, ?)').run(dataDir, data);
    store.prepare('UPDATE JobWork SET details = replace(details, ?, ?)').run(oldHost, host);
    store.prepare('UPDATE JobCredentials SET secrets = replace(secrets, ?, ?)').run(oldHost, host);
    const works = store.prepare("SELECT jobId, details FROM JobWork WHERE json_type(details, '$.sources') = 'array'");
    const update = store.prepare('UPDATE JobWork SET details = ? WHERE jobId = ?');
    for (const { jobId, details } of works.all() as { readonly jobId: number; readonly details: string }[]) {
      const { sources, ...rest } = JSON.parse(details) as { readonly sources: readonly { readonly url: string }[] };
      update.run(JSON.stringify({ ...rest, sources: sources.map((source) => renewed(source, data)) }), jobId);
    }
  } finally {
    store.close();
  }
};

const renewed = <T extends { readonly url: string }>(source: T, data: string): T => {
  const [, name] = /^nodelocal:\/\/\/(.+)$/.exec(source.url) ?? [];
  if (name === undefined) return source;
  const { mtimeNs, size, ino } = statSync(join(data, 'files', name), { bigint: true });
  return { ...source, version: `${mtimeNs}-${size}-${ino}` };
};
