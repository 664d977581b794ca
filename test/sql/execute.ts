import { graphql } from '../generated/gql.ts';
import type { TestApp } from '../support/app.ts';

const EXECUTE = graphql(/* GraphQL */ `
  mutation Execute($sql: String!, $parameters: [JSON], $maxRows: Int! = 1000) {
    execute(sql: $sql, parameters: $parameters, maxRows: $maxRows) {
      tag
      columns {
        name
        type
      }
      rows
      truncated
      notices {
        severity
        message
        sqlState
      }
      jobs {
        id
        typeName
      }
    }
  }
`);

/** A statement by the mutation `execute`. */
export const executeSql = async (app: TestApp, sql: string, parameters: readonly unknown[] = [], user = 'root') =>
  (await app.execute(EXECUTE, { sql, parameters: [...parameters] }, user)).execute;

/** The error of a statement that has to fail. */
export const refuseSql = async (app: TestApp, sql: string, parameters: readonly unknown[] = [], user = 'root') => {
  const { message, extensions } = await app.refuse(EXECUTE, { sql, parameters: [...parameters] }, user);
  const { code, sqlState, position } = extensions as typeof extensions & { sqlState?: string; position?: number };
  return { message, code, sqlState, position };
};
