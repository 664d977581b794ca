import { type Condition, foldAscii, type Operator, type Value } from '../../jobs/filter.ts';
import { inTime, join, raw, type Sql, sql } from './client.ts';

/**
 * A condition as an SQL expression. A WHERE treats SQL's NULL as false, so only a NOT has to be translated: its operand
 * is made two-valued first.
 */
export const whereOf = (condition: Condition, columnOf: (field: string) => Sql): Sql => {
  if ('field' in condition) {
    const { field, is, value } = condition;
    return compare(columnOf(field), is, IDS.includes(field) ? numbersOf(value) : value);
  }
  if (condition.is === 'not') return sql`NOT coalesce(${whereOf(condition.of, columnOf)}, FALSE)`;
  if (condition.of.length === 0) return condition.is === 'all' ? sql`TRUE` : sql`FALSE`;
  const parts = condition.of.map((part) => whereOf(part, columnOf));
  return sql`(${join(parts, condition.is === 'all' ? ' AND ' : ' OR ')})`;
};

/** The time limit of a read. */
export const READ_MS = 2_000;

/** Comparisons of these are answered by an index. */
const INDEXED: readonly string[] = ['id', 'jobId', 'status', 'type', 'userName', 'database'];

/**
 * A condition as a reader evaluates it: the part that an index can answer comes first, and the whole condition is
 * evaluated for each row read, as long as there is time.
 */
export const filtered = (condition: Condition, columnOf: (field: string) => Sql): Sql => {
  if (condition.is === 'all' && condition.of.length === 0) return sql`TRUE`;
  const parts = condition.is === 'all' ? condition.of : [condition];
  const indexed = parts.filter(
    (part) => 'field' in part && INDEXED.includes(part.field) && (part.is === 'equals' || part.is === 'in'),
  );
  return join([...indexed.map((part) => whereOf(part, columnOf)), inTime(whereOf(condition, columnOf))], ' AND ');
};

const ORDERS = { lt: raw('<'), lte: raw('<='), gt: raw('>'), gte: raw('>=') } as const;

const compare = (column: Sql, operator: Operator, value: Value | readonly number[]): Sql => {
  switch (operator) {
    case 'isNull':
      return value ? sql`${column} IS NULL` : sql`${column} IS NOT NULL`;
    case 'equals':
      return sql`${column} = ${value as string}`;
    case 'in':
      return sql`${column} IN (SELECT value FROM json_each(${JSON.stringify(value)}))`;
    case 'contains':
      return sql`instr(lower(${column}), ${foldAscii(value as string)}) > 0`;
    case 'startsWith':
      return sql`instr(lower(${column}), ${foldAscii(value as string)}) = 1`;
    default:
      return sql`${column} ${ORDERS[operator]} ${value as number}`;
  }
};

/** Ids are text in a condition, and numbers in the store. */
const IDS: readonly string[] = ['id', 'jobId'];
const numbersOf = (value: Value): number | readonly number[] =>
  typeof value === 'object' ? value.map(Number) : Number(value);

/** The columns of a job `j`. */
export const jobColumn = (field: string): Sql => raw(`j."${field}"`);

/** The columns of an event. */
export const eventColumn = (field: string): Sql => raw(field === 'actor' ? 'actorName' : `"${field}"`);
