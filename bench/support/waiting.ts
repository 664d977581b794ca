import type { BenchServer } from './server.ts';

const COLUMNS = ['id', 'name', 'email', 'city', 'balance', 'joined'].map((name) => ({ name, type: 'TEXT' }));

/** Creates so many jobs whose status only commands change: a throttled import occupies the only slot. */
export const makeWaiting = async (server: BenchServer, count: number): Promise<string[]> => {
  await server.send('mutation { createDatabase(input: { name: "bench" }) { database { name } } }');
  const make = async (table: string, more: object = {}) => {
    const input = { database: 'bench', table, sources: ['nodelocal:///sample.csv'], columns: COLUMNS, ...more };
    const { createImport } = await server.send<{ createImport: { job: { id: string } } }>(
      'mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id } } }',
      { input },
    );
    return createImport.job.id;
  };
  await make('slow', { maxRowsPerSecond: 1 });
  const ids = [];
  for (let n = 0; n < count; n += 1) ids.push(await make(`table${n}`));
  return ids;
};
