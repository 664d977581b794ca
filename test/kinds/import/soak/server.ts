/** A server that is killed and started again on the same data folder, and the jobs of a round on it. */
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Sqlite from 'better-sqlite3';
import { type Launched, launch, temporaryFolder } from '../../../support/process.ts';

export interface SeenJob {
  readonly id: string;
  readonly status: string;
  readonly error: string | null;
  readonly fractionCompleted: number;
  /** What the job counted and rejected. */
  readonly counted: unknown;
}

const JOB = `query ($id: ID!) {
  job(id: $id) {
    status
    error
    fractionCompleted
    ... on ImportJob {
      rowsImported rowsRejected rowsSkipped rowsReplaced rowsUpdated
      rejects(first: 500) { nodes { source line lastLine column reason text } }
    }
  }
}`;
const CREATE = 'mutation ($input: CreateImportInput!) { createImport(input: $input) { job { id } } }';

export const openServer = async () => {
  const folder = temporaryFolder();
  const start = () => launch(folder.path, ['dist/main.js'], { WORKERS: '8' });
  let server: Launched = await start();
  const send = <T>(query: string, variables?: Record<string, unknown>) =>
    server.send(query, variables) as unknown as Promise<T>;
  return {
    write: (name: string, content: Uint8Array) => {
      mkdirSync(join(folder.path, 'files'), { recursive: true });
      writeFileSync(join(folder.path, 'files', name), content);
    },
    /** Another process's connection to a new database. */
    createDatabase: async (name: string, tables: string) => {
      await send('mutation ($name: String!) { createDatabase(input: { name: $name }) { database { name } } }', {
        name,
      });
      const sql = new Sqlite(join(folder.path, 'databases', `${name}.db`), { timeout: 60_000 });
      sql.exec(tables);
      return sql;
    },
    createImport: async (input: Record<string, unknown>): Promise<string> =>
      (await send<{ createImport: { job: { id: string } } }>(CREATE, { input })).createImport.job.id,
    job: async (id: string): Promise<SeenJob> => {
      const { job } = await send<{ job: Omit<SeenJob, 'id' | 'counted'> }>(JOB, { id });
      const { status, error, fractionCompleted, ...counted } = job;
      return { id, status, error, fractionCompleted, counted };
    },
    order: (command: 'pause' | 'resume' | 'cancel', id: string) =>
      send(`mutation ($id: ID!) { ${command}Jobs(jobs: { ids: [$id] }) { changedCount } }`, { id }),
    workProcesses: (): readonly number[] => readdirSync(join(folder.path, 'processes')).map(Number),
    killAndStart: async () => {
      await server.kill();
      server = await start();
    },
    [Symbol.asyncDispose]: async () => {
      await server.kill();
      folder[Symbol.dispose]();
    },
  };
};
export type SoakServer = Awaited<ReturnType<typeof openServer>>;
