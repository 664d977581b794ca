/** What a database has besides its tables, and a restore takes over where the target has none. */
import type Sqlite from 'better-sqlite3';
import { quote } from '../../../databases/quote.ts';
import type { Plan } from './plan.ts';
import { copyStatistics } from './statistics.ts';

/** Runs in the transaction that publishes the tables. `from` is the schema name of the snapshot. */
export const carryOver = (sql: Sqlite.Database, from: string, plan: Plan): void => {
  for (const name of ['user_version', 'application_id']) {
    const [own, value] = ['main', from].map(
      (schema) => sql.pragma(`${quote(schema)}.${name}`, { simple: true }) as number,
    );
    if (own === 0 && value !== 0) sql.pragma(`main.${name} = ${value}`);
  }
  copyStatistics(sql, from, plan);
};
