import { join } from 'node:path';
import Database from 'better-sqlite3';
import { graphql } from '../../generated/gql.ts';
import type { TestApp } from '../../support/app.ts';

const CREATE_DATABASE = graphql(/* GraphQL */ `
  mutation CreateStock {
    createDatabase(input: { name: "stock" }) {
      database {
        name
      }
    }
  }
`);

/** A database with a table of goods, so many. */
export const openStock = async (app: TestApp, goods: number) => {
  await app.execute(CREATE_DATABASE);
  const sql = new Database(join(app.dataDir, 'databases', 'stock.db'));
  sql.exec(`CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL);
    CREATE INDEX names ON goods (name);
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${goods})
      INSERT INTO goods SELECT i, 'thing ' || (i % 97), i / 4.0 FROM n`);
  return Object.assign(sql, {
    all: (select: string) => sql.prepare(select).raw().all(),
    [Symbol.dispose]: () => sql.close(),
  });
};
