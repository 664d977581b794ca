import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { unavailable } from '../../errors.ts';
import { type Condition, EVERYTHING } from '../../jobs/filter.ts';
import { threadFile } from '../../rpc/entry-point.ts';
import { threadPort } from '../../rpc/port.ts';
import { connect } from '../../rpc/rpc.ts';
import type { Commit, OpenStore, Reads, Store, Writes } from '../store.ts';
import { lockStore } from './lock.ts';
import { migrate } from './migrate.ts';
import type { StoreNews, StoreThread, StoreThreadData } from './thread.ts';

/** Locks, migrates and opens a store: one thread that writes, one that reads, and one for reads that may take long. */
export const openSqliteStore: OpenStore = async ({ url, migrations, retry, onLost, onSetBack }): Promise<Store> => {
  const file = fileOf(url);
  const lock = lockStore(file);
  try {
    const { storeId } = migrate(file, join(migrations, 'sqlite', 'migrations'));
    const listeners = new Set<(commit: Commit) => void>();
    const news: StoreNews = {
      committed: (commit) => {
        for (const listener of listeners) listener(commit);
      },
      setBack: onSetBack,
    };
    const data = { file, storeId, retry };
    const writer = await startThread({ ...data, mode: 'writer' }, news, onLost);
    const reader = await startThread({ ...data, mode: 'reader' }, news, onLost);
    const searcher = await startThread({ ...data, mode: 'reader' }, news, onLost);
    const readBy = (where?: Condition) => (where === undefined || where === EVERYTHING ? reader : searcher);
    return {
      id: storeId,
      ...methods<Writes>(writer, WRITES),
      ...methods<Pick<Reads, (typeof READS)[number]>>(reader, READS),
      ...methods<Pick<Reads, (typeof SEARCHES)[number]>>(searcher, SEARCHES),
      // A filter can read many rows: it is not to keep the others waiting.
      jobs: (page, access) => readBy(page.where).call('jobs', [page, access]) as ReturnType<Reads['jobs']>,
      events: (page, access, of) => readBy(of?.where).call('events', [page, access, of]) as ReturnType<Reads['events']>,
      statusesOf: (selection, limit, access) =>
        readBy('where' in selection ? selection.where : undefined).call('statusesOf', [
          selection,
          limit,
          access,
        ]) as ReturnType<Reads['statusesOf']>,
      onCommit: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close: async () => {
        await Promise.all([reader.close(), searcher.close()]);
        // The last to close may write: SQLite then moves all of the WAL into the file, which is whole without it.
        await writer.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** `file:` and a path, as Prisma has it, or a whole URL. */
const fileOf = (url: string) => (url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length));

const WRITES = [
  'createJob',
  'control',
  'claim',
  'save',
  'markBegan',
  'markCommitting',
  'settle',
  'startSession',
  'heartbeat',
  'endSession',
  'createUser',
  'updateUser',
  'createDatabase',
  'cleanedUp',
  'removeJobs',
  'removeCommands',
  'removeEvents',
] as const satisfies readonly (keyof Writes)[];
const READS = [
  'job',
  'jobsById',
  'jobsChangedSince',
  'blockers',
  'executionErrors',
  'log',
  'isCurrent',
  'endedJobs',
  'pendingCleanups',
  'users',
  'databases',
  'makerOf',
  'jobByKey',
  'ping',
] as const satisfies readonly (keyof Reads)[];

const SEARCHES = ['countJobs', 'countByStatus'] as const satisfies readonly (keyof Reads)[];

interface Thread {
  call(method: string, args: readonly unknown[]): Promise<unknown>;
  close(): Promise<void>;
}

const methods = <T>(thread: Thread, names: readonly (keyof T & string)[]): T =>
  Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => thread.call(name, args)])) as T;

const startThread = async (data: StoreThreadData, news: StoreNews, onLost: (error: Error) => void): Promise<Thread> => {
  const name = `the ${data.mode} of the job store`;
  const worker = new Worker(threadFile('store-thread'), { workerData: data, name: `store-${data.mode}` });
  const thread = connect<StoreThread>(threadPort(worker, name), (method, args) => {
    if (method === 'committed') news.committed(...(args as Parameters<StoreNews['committed']>));
    if (method === 'setBack') news.setBack();
  });
  let closed = false;
  let failure = new Error(`${name} has ended`);
  worker.on('error', (error) => {
    failure = error;
  });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  try {
    await thread.call('ready', []);
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  void ended.then(() => {
    if (!closed) onLost(failure);
    closed = true;
  });
  return {
    call: async (method, args) => {
      if (closed) throw unavailable('the job store is closed');
      const { result, commit } = await thread.call('call', [method, args]);
      if (commit !== null) news.committed(commit);
      return result;
    },
    close: async () => {
      closed = true;
      thread.notify('close', []);
      await ended;
    },
  };
};
