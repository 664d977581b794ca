import { writeFileSync } from 'node:fs';
import type { BenchServer } from './server.ts';

const COLUMNS = { id: 'INTEGER', name: 'TEXT', email: 'TEXT', city: 'TEXT', balance: 'REAL', joined: 'TEXT' } as const;
/** The same table for both sides. */
export const TABLE = `(${Object.entries(COLUMNS)
  .map(([name, type]) => `${name} ${type}`)
  .join(', ')}) STRICT`;

/** Writes a CSV file of six columns. */
export const writeRows = (file: string, rows: number): void => {
  const lines = ['id,name,email,city,balance,joined'];
  for (let id = 1; id <= rows; id += 1) lines.push(`${id},person ${id},p${id}@example.org,Ghent,${id / 4},2020-01-01`);
  writeFileSync(file, `${lines.join('\n')}\n`);
};

/** Starts an import of `nodelocal:///rows.csv`, and returns the id of the job. */
export const startImport = async ({ send }: BenchServer, table: string): Promise<string> => {
  const input = {
    database: 'bench',
    table,
    sources: ['nodelocal:///rows.csv'],
    columns: Object.entries(COLUMNS).map(([name, type]) => ({ name, type })),
  };
  const query = 'mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id } } }';
  const { createImport } = await send<{ createImport: { job: { id: string } } }>(query, { input });
  return createImport.job.id;
};

/** The run time of the job, from its own timestamps. */
export const untilEnded = async ({ send }: BenchServer, id: string): Promise<number> => {
  const query = 'query ($id: ID!) { job(id: $id) { status startedAt finishedAt error } }';
  for (;;) {
    const { job } = await send<{ job: Record<'status' | 'startedAt' | 'finishedAt' | 'error', string> }>(query, { id });
    if (job.error) throw new Error(job.error);
    if (job.status === 'SUCCEEDED') return Date.parse(job.finishedAt) - Date.parse(job.startedAt);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
};
