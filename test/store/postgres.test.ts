import { fileURLToPath } from 'node:url';
import { RETRY } from '../../src/jobs/retry.ts';
import { openStore } from '../../src/store/open.ts';
import { createPostgresDatabase } from '../support/postgres.ts';
import { WRITE_ORDERS } from '../support/stores.ts';
import { testStore } from './contract.ts';

const fail = (what: string) => () => {
  throw new Error(what);
};

for (const writeOrder of WRITE_ORDERS)
  testStore(`the store on PostgreSQL, its writes ordered by ${writeOrder}`, async () => {
    const database = await createPostgresDatabase(writeOrder);
    const store = await openStore({
      url: database.url,
      clock: 'given',
      migrations: fileURLToPath(new URL('../../prisma', import.meta.url)),
      retry: RETRY,
      onLost: fail('the store ended'),
      onSetBack: fail('the store was set back'),
    });
    return {
      store,
      close: async () => {
        await store.close();
        await database.drop();
      },
    };
  });
