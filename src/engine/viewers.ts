import type { StoredToken } from '../auth/token.ts';
import { foldName, type User } from '../auth/viewer.ts';
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
  /** Called each time the users and tokens have been read again. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

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
  const stop = store.onCommit((commit) => {
    if (commit.users) refresh().catch(onError);
  });
  const find = (name: string) => users.get(foldName(name));
  return {
    find,
    nameOf: (name) => find(name)?.name ?? name,
    token: (id) => tokens.get(id),
    refresh,
    onChange: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: () => void stop(),
  };
};
