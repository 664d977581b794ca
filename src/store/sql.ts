/** Statements as Prisma writes them: text with parameters, for every store. */
import { join, raw, Sql, sqltag } from '@prisma/client/runtime/client';

export { join, raw, Sql, sqltag as sql };

/** What the rules that all stores share need of a connection. */
export interface Rows {
  rows<R extends object>(statement: Sql): Promise<readonly R[]>;
}

/** What differs between the dialects of SQL in the rules that all stores share. */
export interface Dialect {
  /** A column, by its name in the schema. */
  column(field: string): Sql;
  /** Equality for which null equals null. */
  isSame(one: Sql, other: Sql): Sql;
  greatest(one: Sql, other: Sql): Sql;
  /** Whether a text contains, or starts with, a text that is folded to lower case. Letters of ASCII match in any case. */
  contains(column: Sql, folded: string): Sql;
  startsWith(column: Sql, folded: string): Sql;
  /** Whether a text matches a pattern of LIKE; the second, a pattern that is folded, in any case of ASCII letters. */
  like(column: Sql, pattern: string): Sql;
  ilike(column: Sql, folded: string): Sql;
  isAmong(column: Sql, values: readonly (string | number)[]): Sql;
}
