import type { User } from '../auth/viewer.ts';
import type { Store } from '../store/store.ts';

/** The users as they are now, in memory: asked by every request, and by every event of every stream. */
export interface Viewers {
  find(name: string): User | undefined;
  stop(): void;
}

export const startViewers = async (store: Store, onError: (error: unknown) => void): Promise<Viewers> => {
  const load = async () => new Map((await store.users()).map((user) => [user.name, user]));
  let users = await load();
  const stop = store.onCommit((commit) => {
    if (!commit.users) return;
    load().then((loaded) => {
      users = loaded;
    }, onError);
  });
  return { find: (name) => users.get(name), stop: () => void stop() };
};
