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
  /** As `refresh`, for unknown names and tokens: one read answers all calls of a quarter of a second. */
  refreshOnce(): Promise<void>;
  /** Called when users or tokens have changed. */
  onChange(listener: () => void): () => void;
  stop(): void;
}

const PAUSE_MS = 250;

export const startViewers = async (store: Store, onError: (error: unknown) => void): Promise<Viewers> => {
  let users: ReadonlyMap<string, User> = new Map();
  let tokens: ReadonlyMap<string, StoredToken> = new Map();
  const listeners = new Set<() => void>();
  let known = '';
  let begun = 0;
  let applied = 0;
  const refresh = async () => {
    begun += 1;
    const number = begun;
    const [readUsers, readTokens] = await Promise.all([store.users(), store.tokens()]);
    // Reads on several connections may end in another order: an older one does not replace what a newer one has read.
    if (number < applied) return;
    applied = number;
    users = new Map(readUsers.map((user) => [foldName(user.name), user]));
    tokens = new Map(readTokens.map((token) => [token.id, token]));
    // Readers of streams join others again after a change: what changes nothing must not disturb them.
    const before = known;
    known = JSON.stringify([readUsers, readTokens.map(({ lastUsedAt: _, ...token }) => token)]);
    if (known !== before) for (const listener of listeners) listener();
  };
  await refresh();
  let next: Promise<void> | null = null;
  let readAt = Number.NEGATIVE_INFINITY;
  const refreshOnce = () => {
    next ??= sleep(Math.max(0, readAt + PAUSE_MS - performance.now())).then(() => {
      // A call from now on may follow a commit that this read does not see.
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
