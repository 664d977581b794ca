/** Random conditions: as SQL, as a function of a job, and as a JobFilter. */
import fc from 'fast-check';
import type { JobFilter } from '../generated/graphql.ts';

/** An expression, its value for a job in three-valued logic, and the filter of the jobs for which it is true. */
export interface Expression {
  readonly sql: string;
  readonly value: (job: Facts) => boolean | null;
  readonly filter: JobFilter;
}

export interface Facts {
  readonly id: string;
  readonly user_name: string;
  readonly status: string;
  readonly error: string | null;
  readonly description: string;
}

const quote = (text: string) => `'${text.replaceAll("'", "''")}'`;
const FIELDS = { user_name: 'userName', error: 'error', description: 'description' } as const;

const texts = fc.constantFrom('root', 'maxroach', "it's", 'scripted a_1', 'scripted 100%', '', 'x');
const patterns = fc.constantFrom('%', 'scripted%', '%a\\_1', '%\\%', 's_ripted%', 'S%', "it's", '%o%t%');

const likeOf = (pattern: string, fold: boolean) => {
  const source = [...pattern.matchAll(/\\(.)|(%)|(_)|(.)/gs)]
    .map(([, literal, any, one, other]) =>
      any ? '.*' : one ? '.' : (literal ?? other ?? '').replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`, fold ? 'si' : 's');
};

const leaf: fc.Arbitrary<Expression> = fc.oneof(
  fc
    .record({ column: fc.constantFrom('user_name', 'error', 'description'), text: texts, isEqual: fc.boolean() })
    .map(({ column, text, isEqual }) => ({
      sql: `${column} ${isEqual ? '=' : '<>'} ${quote(text)}`,
      value: (job: Facts) => (job[column] === null ? null : (job[column] === text) === isEqual),
      filter: { [FIELDS[column]]: isEqual ? { equals: text } : { not: text, isNull: false } },
    })),
  fc
    .record({ column: fc.constantFrom('user_name', 'error', 'description'), isNull: fc.boolean() })
    .map(({ column, isNull }) => ({
      sql: `${column} IS ${isNull ? '' : 'NOT '}NULL`,
      value: (job: Facts) => (job[column] === null) === isNull,
      filter: { [FIELDS[column]]: { isNull } },
    })),
  fc
    .record({
      column: fc.constantFrom('user_name', 'error', 'description'),
      pattern: patterns,
      fold: fc.boolean(),
      isNot: fc.boolean(),
    })
    .map(({ column, pattern, fold, isNot }) => {
      const matches = { [FIELDS[column]]: { [fold ? 'ilike' : 'like']: pattern } };
      return {
        sql: `${column} ${isNot ? 'NOT ' : ''}${fold ? 'ILIKE' : 'LIKE'} ${quote(pattern)}`,
        value: (job: Facts) => (job[column] === null ? null : likeOf(pattern, fold).test(job[column]) !== isNot),
        filter: isNot ? { not: matches, [FIELDS[column]]: { isNull: false } } : matches,
      };
    }),
  fc
    .record({
      statuses: fc.uniqueArray(fc.constantFrom('running', 'pending', 'paused', 'succeeded'), { minLength: 1 }),
      isNot: fc.boolean(),
    })
    .map(({ statuses, isNot }) => ({
      sql: `status ${isNot ? 'NOT ' : ''}IN (${statuses.map(quote).join(', ')})`,
      value: (job: Facts) => (statuses as readonly string[]).includes(job.status) !== isNot,
      filter: { status: { [isNot ? 'notIn' : 'in']: statuses.map((status) => status.toUpperCase()) } } as JobFilter,
    })),
  fc
    .record({ texts: fc.array(fc.option(texts), { minLength: 1, maxLength: 3 }), isNot: fc.boolean() })
    .map(({ texts: list, isNot }) => {
      const known = list.filter((text) => text !== null);
      const hasNull = known.length < list.length;
      return {
        sql: `error ${isNot ? 'NOT ' : ''}IN (${list.map((text) => (text === null ? 'NULL' : quote(text))).join(', ')})`,
        value: ({ error }: Facts) =>
          error === null ? null : (known as readonly string[]).includes(error) ? !isNot : hasNull ? null : isNot,
        filter: isNot
          ? hasNull
            ? { id: { in: [] } }
            : { error: { notIn: known, isNull: false } }
          : { error: { in: known } },
      };
    }),
);

const negated = (part: Expression): Expression => ({
  sql: `NOT (${part.sql})`,
  value: (job) => {
    const value = part.value(job);
    return value === null ? null : !value;
  },
  // There is no filter of what is false: the two-valued `not` differs. See the test of those without NOT.
  filter: { not: part.filter },
});

const combined = (parts: readonly Expression[], isAnd: boolean): Expression => ({
  sql: parts.map(({ sql }) => `(${sql})`).join(isAnd ? ' AND ' : ' OR '),
  value: (job) => {
    const values = parts.map(({ value }) => value(job));
    if (values.includes(!isAnd)) return !isAnd;
    return values.includes(null) ? null : isAnd;
  },
  filter: { [isAnd ? 'and' : 'or']: parts.map(({ filter }) => filter) },
});

export const expression = (depth: number, hasNot: boolean): fc.Arbitrary<Expression> => {
  if (depth === 0) return leaf;
  const inner = expression(depth - 1, hasNot);
  return fc.oneof(
    leaf,
    fc
      .tuple(fc.array(inner, { minLength: 2, maxLength: 3 }), fc.boolean())
      .map(([parts, isAnd]) => combined(parts, isAnd)),
    ...(hasNot ? [inner.map(negated)] : []),
  );
};
