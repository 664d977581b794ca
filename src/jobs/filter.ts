/**
 * The meaning of a filter, in one place. A filter is parsed into a condition; the condition becomes a predicate here
 * and a WHERE clause in the store. The logic is two-valued: a comparison with an absent value is false, and `not`
 * negates that.
 */
import { badInput } from '../errors.ts';
import type { Job, JobEvent } from './job.ts';
import { matcherOf, patternProblem } from './pattern.ts';

export type Condition =
  | { readonly is: 'all' | 'any'; readonly of: readonly Condition[] }
  | { readonly is: 'not'; readonly of: Condition }
  | { readonly is: Operator; readonly field: string; readonly value: Value };
export type Operator =
  | 'equals'
  | 'in'
  | 'contains'
  | 'startsWith'
  | 'like'
  | 'ilike'
  | 'isNull'
  | 'lt'
  | 'lte'
  | 'gt'
  | 'gte';
export type Value = string | number | boolean | readonly string[];

/** The fields that a filter may compare, with their types: text, name of a user, number (a time in ms), or id. */
export type Fields = Readonly<Record<string, 'text' | 'user' | 'number' | 'id'>>;

export const JOB_FIELDS = {
  id: 'id',
  scheduleId: 'id',
  type: 'text',
  typeName: 'text',
  status: 'text',
  userName: 'user',
  database: 'text',
  description: 'text',
  error: 'text',
  createdAt: 'number',
  startedAt: 'number',
  finishedAt: 'number',
  modifiedAt: 'number',
  fractionCompleted: 'number',
} as const satisfies Fields;

/** Fields of a job that change only with an event, or never. */
const OF_EVENTS: readonly string[] = [
  'id',
  'scheduleId',
  'type',
  'typeName',
  'status',
  'userName',
  'database',
  'description',
  'createdAt',
  'startedAt',
  'finishedAt',
] satisfies (keyof typeof JOB_FIELDS)[];

/** Whether a job can begin or cease to match a condition only with an event. */
export const readsOnlyEvents = (condition: Condition): boolean => {
  if ('field' in condition) return OF_EVENTS.includes(condition.field);
  return condition.is === 'not' ? readsOnlyEvents(condition.of) : condition.of.every(readsOnlyEvents);
};

export const EVENT_FIELDS = {
  jobId: 'id',
  type: 'text',
  typeName: 'text',
  userName: 'user',
  description: 'text',
  database: 'text',
  from: 'text',
  to: 'text',
  reason: 'text',
  error: 'text',
  at: 'number',
  actor: 'user',
  command: 'text',
} as const satisfies Fields;

export const AUDIT_FIELDS = {
  actor: 'user',
  action: 'text',
  target: 'text',
  at: 'number',
} as const satisfies Fields;

/** A filter as a client sends it: comparisons by field, and `and`, `or`, `not`. */
export type Filter = Readonly<Record<string, unknown>>;

export const EVERYTHING: Condition = { is: 'all', of: [] };

/**
 * How an empty part is treated. A selector of a command refuses it at any depth, because a mistake in a front end must
 * not affect every job. A list treats it as no condition.
 */
type Emptiness = 'refused' | 'ignored';

const DEEPEST = 10;
const LONGEST_LIST = 10_000;
const LARGEST = 500;

/**
 * @param nameOf the name of a user as it is stored, for one in any case
 * @throws BAD_USER_INPUT with the path of the invalid part, which starts with `path`
 */
export const readFilter = (
  filter: Filter | null | undefined,
  fields: Fields,
  path: string,
  empty: Emptiness,
  nameOf: (name: string) => string,
): Condition => {
  let parts = 0;
  const count = () => {
    parts += 1;
    if (parts > LARGEST) throw badInput(path, `${path} has more than ${LARGEST} comparisons`);
  };
  const nothing = (at: string): Condition => {
    count();
    if (empty === 'refused') throw badInput(at, `${at} is empty: a filter of a command must have a condition`);
    return EVERYTHING;
  };
  const read = (given: unknown, at: string, depth: number): Condition => {
    if (depth > DEEPEST) throw badInput(at, `${at} is nested deeper than ${DEEPEST}`);
    const entries = entriesOf(given);
    if (entries.length === 0) return nothing(at);
    return all(entries.map(([key, value]) => readPart(key, value, `${at}.${key}`, depth)));
  };
  const readPart = (key: string, value: unknown, at: string, depth: number): Condition => {
    if (key === 'not') return isGiven(value) ? { is: 'not', of: read(value, at, depth + 1) } : nothing(at);
    if (key !== 'and' && key !== 'or') return readField(key, value, at);
    if (!Array.isArray(value) || (value.length === 0 && (key === 'and' || empty === 'refused'))) return nothing(at);
    const of = value.map((part, index) => read(part, `${at}.${index}`, depth + 1));
    return { is: key === 'and' ? 'all' : 'any', of };
  };
  const readField = (field: string, operators: unknown, at: string): Condition => {
    const kind = fields[field];
    if (kind === undefined) throw badInput(at, `${at} is not a field of this filter`);
    const entries = entriesOf(operators);
    if (entries.length === 0) return nothing(at);
    return all(
      entries.map(([operator, value]) => {
        count();
        if (isEmpty(operator, value, empty)) return nothing(`${at}.${operator}`);
        const read = checked(value, kind, `${at}.${operator}`);
        if (operator === 'like' || operator === 'ilike') checkPattern(String(read), `${at}.${operator}`);
        return comparison(field, operator, kind === 'user' ? named(operator, read, nameOf) : read);
      }),
    );
  };
  if (filter === null || filter === undefined) return empty === 'refused' ? nothing(path) : EVERYTHING;
  return read(filter, path, 1);
};

const isGiven = (value: unknown) => value !== null && value !== undefined;
const entriesOf = (value: unknown): [string, unknown][] =>
  isGiven(value) ? Object.entries(value as Filter).filter(([, part]) => part !== undefined) : [];

/** In a list, `in: []` matches nothing and `contains: ""` matches every job that has the field: both are conditions. */
const isEmpty = (operator: string, value: unknown, empty: Emptiness) => {
  if (value === null) return true;
  if (empty === 'ignored') return false;
  if (Array.isArray(value)) return value.length === 0;
  return value === '' && (operator === 'contains' || operator === 'startsWith');
};

const checked = (value: unknown, kind: Fields[string], at: string): Value => {
  if (Array.isArray(value) && value.length > LONGEST_LIST) {
    throw badInput(at, `${at} has ${value.length} values: at most ${LONGEST_LIST} are allowed`);
  }
  if (kind === 'id') for (const id of [value].flat()) checkId(String(id), at);
  return value as Value;
};

/** The operators that compare whole names. */
const OF_NAMES: readonly string[] = ['equals', 'in', 'not', 'notIn'];

const named = (operator: string, value: Value, nameOf: (name: string) => string): Value => {
  if (!OF_NAMES.includes(operator)) return value;
  return typeof value === 'object' ? value.map(nameOf) : nameOf(String(value));
};

const checkId = (id: string, at: string) => {
  if (/^[1-9]\d{0,15}$/.test(id) && Number.isSafeInteger(Number(id))) return;
  const what = /\bscheduleId\b/.test(at) ? 'schedule' : 'job';
  throw badInput(
    at,
    `${at} ${JSON.stringify(id)} is not the id of a ${what}: it must be a whole number such as 27536791415282`,
  );
};

const checkPattern = (pattern: string, at: string) => {
  const problem = patternProblem(pattern);
  if (problem !== null) throw badInput(at, `${at} ${problem}`);
};

const all = (of: readonly Condition[]): Condition => (of.length === 1 && of[0] ? of[0] : { is: 'all', of });

const comparison = (field: string, operator: string, value: Value): Condition => {
  if (operator === 'not') return { is: 'not', of: { is: 'equals', field, value } };
  if (operator === 'notIn') return { is: 'not', of: { is: 'in', field, value } };
  return { is: operator as Operator, field, value };
};

/** Converts only ASCII letters to lower case, as the store's own comparison does. */
export const foldAscii = (text: string) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** The values of which a field must have one for a condition to hold; null if the condition does not limit them. */
export const requiredValues = (condition: Condition, field: string): ReadonlySet<unknown> | null => {
  if ('field' in condition) {
    if (condition.field !== field) return null;
    if (condition.is === 'equals') return new Set([condition.value]);
    return condition.is === 'in' ? new Set(condition.value as readonly string[]) : null;
  }
  if (condition.is === 'not') return null;
  const parts = condition.of.map((part) => requiredValues(part, field));
  if (condition.is === 'all') return parts.find((part) => part !== null) ?? null;
  const all = new Set<unknown>();
  for (const part of parts) {
    if (part === null) return null;
    for (const value of part) all.add(value);
  }
  return all;
};

/** Whether an object with these fields satisfies a condition. */
export const predicateOf = <T>(
  condition: Condition,
  read: (subject: T, field: string) => unknown,
): ((subject: T) => boolean) => {
  if ('field' in condition) {
    const { field } = condition;
    const holds = compare(condition.is, condition.value);
    return (subject) => holds(read(subject, field) ?? null);
  }
  if (condition.is === 'not') {
    const inner = predicateOf(condition.of, read);
    return (subject) => !inner(subject);
  }
  const parts = condition.of.map((part) => predicateOf(part, read));
  if (condition.is === 'all') return (subject) => parts.every((part) => part(subject));
  return (subject) => parts.some((part) => part(subject));
};

const compare = (operator: Operator, value: Value): ((actual: unknown) => boolean) => {
  if (operator === 'isNull') return (actual) => (actual === null) === value;
  if (operator === 'in') {
    const values = new Set(value as readonly string[]);
    return (actual) => values.has(actual as string);
  }
  if (operator === 'equals') return (actual) => actual === value;
  if (operator === 'contains' || operator === 'startsWith') {
    const wanted = foldAscii(value as string);
    return (actual) => {
      if (actual === null) return false;
      const text = foldAscii(actual as string);
      return operator === 'contains' ? text.includes(wanted) : text.startsWith(wanted);
    };
  }
  if (operator === 'like' || operator === 'ilike') {
    const fold = operator === 'like' ? (text: string) => text : foldAscii;
    const matches = matcherOf(fold(value as string));
    return (actual) => actual !== null && matches(fold(actual as string));
  }
  // Ids are texts.
  const order = ORDERS[operator];
  return (actual) => actual !== null && order(Number(actual), Number(value));
};

const ORDERS = {
  lt: (a: number, b: number) => a < b,
  lte: (a: number, b: number) => a <= b,
  gt: (a: number, b: number) => a > b,
  gte: (a: number, b: number) => a >= b,
} as const;

/** Reads a field of an event for a filter. */
export const eventField = (event: JobEvent, field: string): unknown =>
  field === 'actor' ? event.actor.name : event[field as keyof JobEvent];

/** Reads a field of a job for a filter. */
export const jobField = (job: Job, field: string): unknown => job[field as keyof Job];
