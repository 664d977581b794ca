import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MessageChannel, Worker } from 'node:worker_threads';
import { unavailable } from '../../errors.ts';
import { entryPoint } from '../../rpc/entry-point.ts';
import { type Port, threadPort } from '../../rpc/port.ts';
import { connect } from '../../rpc/rpc.ts';
import { isSearch, readMethods, writeMethods } from '../methods.ts';
import type { Caller, Commit, OpenStore, Reads, Store } from '../store.ts';
import { lockStore } from './lock.ts';
import { migrate } from './migrate.ts';
import type { StoreNews, StoreThread, StoreThreadData } from './serve.ts';

/**
 * Locks, migrates and opens a store: one thread for writes, one for reads, and one for reads that may take long, which
 * the first such read starts.
 */
export const openSqliteStore: OpenStore = async (options): Promise<Store> => {
  const { migrations, retry, onLost, onSetBack } = options;
  const file = fileOf(options.url);
  const lock = lockStore(file);
  try {
    const { storeId, applied } = migrate(file, join(migrations, 'sqlite', 'migrations'));
    if (applied.length > 0) options.onMigrated?.(applied);
    const listeners = new Set<(commit: Commit) => void>();
    const news: StoreNews = {
      committed: (commit) => {
        for (const listener of listeners) listener(commit);
      },
      setBack: onSetBack,
    };
    const data = { file, storeId, retry };
    const start = (mode: 'writer' | 'reader') =>
      startSide({ ...data, mode }, options.threads === false ? startInline : startThread, news, onLost);
    const [writer, reader] = await startBoth(start('writer'), start('reader'));
    const searcher = startedWhenCalled(() => start('reader'));
    return {
      id: storeId,
      ...writeMethods(writer.call),
      ...readsOf(reader, searcher),
      readsFor: (caller) => readsOf(reader, searcher, caller),
      onCommit: (listener) => {
        listeners.add(listener);
        return () => listeners.delete(listener);
      },
      close: async () => {
        await Promise.all([reader.close(), searcher.close()]);
        // The writer closes last, since only a writable connection lets SQLite move the whole WAL into the file, which
        // is then complete without it.
        await writer.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** `file:` and a path, as Prisma writes it, or a full URL. */
export const fileOf = (url: string) => (url.startsWith('file://') ? fileURLToPath(url) : url.slice('file:'.length));

/** The calls of one caller take turns with those of others, and are dropped when the caller has left. */
const readsOf = (reader: Thread, searcher: Thread, caller?: Caller): Reads =>
  readMethods((name, args) => (isSearch(name, args) ? searcher : reader).call(name, args, caller));

interface Thread {
  call(method: string, args: readonly unknown[], caller?: Caller): Promise<unknown>;
  close(): Promise<void>;
}

/** If one of them cannot be started, the other is closed. */
const startBoth = async (one: Promise<Thread>, other: Promise<Thread>): Promise<readonly [Thread, Thread]> => {
  try {
    return await Promise.all([one, other]);
  } catch (error) {
    const started = await Promise.allSettled([one, other]);
    await Promise.all(started.map((thread) => thread.status === 'fulfilled' && thread.value.close()));
    throw error;
  }
};

/** A failed start is retried by the next call. */
const startedWhenCalled = (start: () => Promise<Thread>): Thread => {
  let starting: Promise<Thread> | undefined;
  let closed = false;
  return {
    call: async (method, args, caller) => {
      if (closed) throw unavailable('the job store is closed');
      starting ??= start().catch((error) => {
        starting = undefined;
        throw error;
      });
      return (await starting).call(method, args, caller);
    },
    close: async () => {
      closed = true;
      const thread = await starting?.catch(() => undefined);
      await thread?.close();
    },
  };
};

/** The thread or the connection where one side of the store works. */
interface SideHost {
  readonly port: Port;
  /** Resolves with the reason, which is not a failure after a close. */
  readonly ended: Promise<Error>;
  terminate(): Promise<unknown>;
}

type Start = (data: StoreThreadData, name: string) => SideHost | Promise<SideHost>;

const startSide = async (
  data: StoreThreadData,
  startIn: Start,
  news: StoreNews,
  onLost: (error: Error) => void,
): Promise<Thread> => {
  const name = `the ${data.mode} of the job store`;
  const { port, ended, terminate } = await startIn(data, name);
  const side = connect<StoreThread>(port, (method, args) => {
    if (method === 'committed') news.committed(...(args as Parameters<StoreNews['committed']>));
    if (method === 'setBack') news.setBack();
  });
  let closed = false;
  try {
    await side.call('ready', []);
  } catch (error) {
    await terminate();
    throw error;
  }
  void ended.then((failure) => {
    if (!closed) onLost(failure);
    closed = true;
  });
  return {
    call: async (method, args, caller) => {
      if (closed) throw unavailable('the job store is closed');
      const { result, commit } = await side.call('call', [method, args, caller?.userName], caller?.signal());
      if (commit !== null) news.committed(commit);
      return result;
    },
    close: async () => {
      closed = true;
      side.notify('close', []);
      await ended;
    },
  };
};

const startThread: Start = (data, name) => {
  const worker = new Worker(entryPoint('store-thread'), { workerData: data, name: `store-${data.mode}` });
  let failure = new Error(`${name} has ended`);
  worker.on('error', (error) => {
    failure = error;
  });
  const ended = new Promise<Error>((resolve) => worker.once('exit', () => resolve(failure)));
  return { port: threadPort(worker, name), ended, terminate: () => worker.terminate() };
};

/** The same messages, without a thread. */
const startInline: Start = async (data, name) => {
  const { serveStore } = await import('./serve.ts');
  const { port1, port2 } = new MessageChannel();
  const ended = new Promise<Error>((resolve) => port1.once('close', () => resolve(new Error(`${name} has ended`))));
  serveStore(threadPort(port2, 'the server'), data, () => port2.close());
  return { port: threadPort(port1, name), ended, terminate: async () => port1.close() };
};
