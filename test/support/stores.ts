/** Several stores on one database of PostgreSQL, as several servers open them. */
import { resolve } from 'node:path';
import { expect } from 'vitest';
import { RETRY } from '../../src/jobs/retry.ts';
import { openStore } from '../../src/store/open.ts';
import type { Store } from '../../src/store/store.ts';
import { ADMIN, Scene } from '../store/contract/scene.ts';
import { createPostgresDatabase } from './postgres.ts';

export const WRITE_ORDERS = ['lock', 'floor'] as const;

export const openAt = (url: string, onNotice: (message: string) => void = () => undefined): Promise<Store> =>
  openStore({
    url,
    migrations: resolve('prisma'),
    retry: RETRY,
    onNotice,
    onLost: () => undefined,
    onSetBack: () => undefined,
  });

export const openStores = async (writeOrder?: (typeof WRITE_ORDERS)[number], count = 3) => {
  const database = await createPostgresDatabase(writeOrder);
  const stores = await Promise.all(Array.from({ length: count }, () => openAt(database.url)));
  const scenes = stores.map((store) => {
    const scene = new Scene();
    scene.store = store;
    return scene;
  });
  return {
    url: database.url,
    stores,
    scenes,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stores.map((store) => store.close()));
      await database.drop();
    },
  };
};

/** The events after a cursor, in their order. */
export const eventsAfter = async (store: Store, cursor: number) => {
  const page = { direction: 'ascending', after: [cursor], before: null, limit: 1_000 } as const;
  return (await store.events(page, ADMIN)).events;
};

/** Reads the log as a listener does: after each commit that is reported, what follows the last cursor. */
export const follow = (store: Store, from = 0) => {
  const seen: number[] = [];
  let reading: Promise<void> = Promise.resolve();
  const read = async () => {
    for (;;) {
      const events = await eventsAfter(store, seen.at(-1) ?? from);
      seen.push(...events.map(({ cursor }) => cursor));
      if (events.length === 0) return;
    }
  };
  const ignore = store.onCommit(() => {
    reading = reading.then(read);
  });
  return {
    seen,
    reaches: async (head: number) => {
      await expect.poll(() => seen.at(-1)).toBe(head);
      ignore();
      await reading;
    },
  };
};
