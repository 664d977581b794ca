/** Conditions as SQL expressions. */
import { type Condition, foldAscii, type Operator, type Value } from '../jobs/filter.ts';
import { type Dialect, join, raw, type Sql, sql } from './sql.ts';

/**
 * A condition as an SQL expression. A WHERE treats SQL's NULL as false, so only a NOT has to be translated: its operand
 * is made two-valued first.
 */
export const conditionOf = (condition: Condition, columnOf: (field: string) => Sql, dialect: Dialect): Sql => {
  if ('field' in condition) {
    const { field, is, value } = condition;
    return compare(columnOf(field), is, IDS.includes(field) ? numbersOf(value) : value, dialect);
  }
  if (condition.is === 'not') return sql`NOT coalesce(${conditionOf(condition.of, columnOf, dialect)}, FALSE)`;
  if (condition.of.length === 0) return condition.is === 'all' ? sql`TRUE` : sql`FALSE`;
  const parts = condition.of.map((part) => conditionOf(part, columnOf, dialect));
  return sql`(${join(parts, condition.is === 'all' ? ' AND ' : ' OR ')})`;
};

const ORDERS = { lt: raw('<'), lte: raw('<='), gt: raw('>'), gte: raw('>=') } as const;

const compare = (column: Sql, operator: Operator, value: Value | readonly number[], dialect: Dialect): Sql => {
  switch (operator) {
    case 'isNull':
      return value ? sql`${column} IS NULL` : sql`${column} IS NOT NULL`;
    case 'equals':
      return sql`${column} = ${value as string}`;
    case 'in':
      return dialect.isAmong(column, value as readonly string[]);
    case 'contains':
      return dialect.contains(column, foldAscii(value as string));
    case 'startsWith':
      return dialect.startsWith(column, foldAscii(value as string));
    case 'like':
      return dialect.like(column, value as string);
    case 'ilike':
      return dialect.ilike(column, foldAscii(value as string));
    default:
      return sql`${column} ${ORDERS[operator]} ${value as number}`;
  }
};

/** Ids are text in a condition, and numbers in the store. */
const IDS: readonly string[] = ['id', 'jobId', 'scheduleId'];
const numbersOf = (value: Value): number | readonly number[] =>
  typeof value === 'object' ? value.map(Number) : Number(value);
