import type { User } from '../auth/viewer.ts';
import type { Store } from '../store/store.ts';

/** The current users, in memory: read for every request and for every event of every stream. */
export interface Viewers {
  find(name: string): User | undefined;
  /** Resolves when everything committed before the call is known here. */
  refresh(): Promise<void>;
  /** Called each time the users have been read again. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

export const startViewers = async (store: Store, onError: (error: unknown) => void): Promise<Viewers> => {
  let users: ReadonlyMap<string, User> = new Map();
  const listeners = new Set<() => void>();
  // The store answers in order, so the last read is the newest.
  const refresh = async () => {
    users = new Map((await store.users()).map((user) => [user.name, user]));
    for (const listener of listeners) listener();
  };
  await refresh();
  const stop = store.onCommit((commit) => {
    if (commit.users) refresh().catch(onError);
  });
  return {
    find: (name) => users.get(name),
    refresh,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => void stop(),
  };
};
