import type { StoredToken } from '../auth/token.ts';
import { foldName, type User } from '../auth/viewer.ts';
import { sleep } from '../sleep.ts';
import type { Store } from '../store/store.ts';

/** The current users and tokens, in memory: read for every request and for every event of every stream. */
export interface Viewers {
  /** Names are compared without case. */
  find(name: string): User | undefined;
  /** The name as its user has it; a name that no user has is returned unchanged. */
  nameOf(name: string): string;
  token(id: string): StoredToken | undefined;
  /** Resolves when everything committed before the call is known here. */
  refresh(): Promise<void>;
  /** As `refresh`, for names and tokens that strangers send: all calls of a quarter of a second are answered by one read. */
  refreshOnce(): Promise<void>;
  /** Called each time the users and tokens have been read again. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

const PAUSE_MS = 250;

export const startViewers = async (store: Store, onError: (error: unknown) => void): Promise<Viewers> => {
  let users: ReadonlyMap<string, User> = new Map();
  let tokens: ReadonlyMap<string, StoredToken> = new Map();
  const listeners = new Set<() => void>();
  // The store answers in order, so the last read is the newest.
  const refresh = async () => {
    const [readUsers, readTokens] = await Promise.all([store.users(), store.tokens()]);
    users = new Map(readUsers.map((user) => [foldName(user.name), user]));
    tokens = new Map(readTokens.map((token) => [token.id, token]));
    for (const listener of listeners) listener();
  };
  await refresh();
  let next: Promise<void> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  const refreshOnce = () => {
    next ??= sleep(Math.max(0, readAt + PAUSE_MS - performance.now())).then(() => {
      // Who asks from now on may know of a commit that this read does not see.
      next = null;
      readAt = performance.now();
      return refresh();
    });
    return next;
  };
  const stop = store.onCommit((commit) => {
    if (commit.users) refresh().catch(onError);
  });
  const find = (name: string) => users.get(foldName(name));
  return {
    find,
    nameOf: (name) => find(name)?.name ?? name,
    token: (id) => tokens.get(id),
    refresh,
    refreshOnce,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => void stop(),
  };
};
