import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RETRY } from '../../src/jobs/retry.ts';
import { openStore } from '../../src/store/open.ts';
import { testStore } from './contract.ts';

/** In memory, where there is such a place: what is tested here is not the disk. */
const ROOM = existsSync('/dev/shm') ? '/dev/shm' : tmpdir();
const fail = (what: string) => () => {
  throw new Error(what);
};

testStore('the store on SQLite', async () => {
  const folder = mkdtempSync(join(ROOM, 'signalbox-store-'));
  const store = await openStore({
    threads: false,
    url: `file:${join(folder, 'signalbox.db')}`,
    migrations: fileURLToPath(new URL('../../prisma', import.meta.url)),
    retry: RETRY,
    onLost: fail('the store ended'),
    onSetBack: fail('the store was set back'),
  });
  return {
    store,
    close: async () => {
      await store.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
});
