import { KINDS } from '../../src/kinds/index.ts';
import type { Claimed } from '../../src/store/store.ts';
import type { TestApp } from './app.ts';

const types = [...Object.keys(KINDS), 'SCRIPTED'];
const LIMITS = { running: 1, reverting: 1, types, holding: [] };
const HOUR_MS = 3_600_000;

/** A worker that is nothing but its session: it claims through the store what the server's own has no place for. */
export const startGhost = async (app: TestApp, id: string) => {
  await app.store.startSession({ id, name: id, types }, Date.now());
  const holding: string[] = [];
  const claim = async () => {
    const { claimed } = await app.store.claim(id, { ...LIMITS, holding }, Date.now());
    holding.push(...claimed.map(({ claim }) => claim.jobId));
    return claimed;
  };
  return {
    claim,
    /** Claims exactly this job. */
    take: async (jobId: string): Promise<Claimed> => {
      const claimed = await claim();
      const [only, ...others] = claimed;
      if (only?.claim.jobId !== jobId || others.length > 0) throw new Error(`claimed ${JSON.stringify(claimed)}`);
      return only;
    },
    /** Its session ends without a word about its jobs. */
    die: () => app.store.endSession(id, Date.now()),
  };
};

/**
 * The same, life after life: each ghost finds the job of the one before it lost, waits an hour, takes it and dies. Put
 * into the writer's queue together, so that the server's own worker comes between none of them.
 */
export const haunt = async (app: TestApp, lives: number) => {
  const now = Date.now();
  const writes = Array.from({ length: lives }, (_, life) => {
    const id = `ghost of life ${life}`;
    const at = now + life * HOUR_MS;
    return [
      app.store.startSession({ id, name: id, types }, at),
      app.store.claim(id, LIMITS, at),
      app.store.claim(id, LIMITS, at + HOUR_MS / 2),
      app.store.endSession(id, at),
    ];
  });
  await Promise.all(writes.flat());
};
