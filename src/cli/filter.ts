/** The options that select jobs, and the filter that they mean. */
import type { Command } from 'commander';
import type { JobFilter, JobSelector, JobStatus } from '../client/index.ts';
import { UsageError } from './server-options.ts';

export interface FilterOptions {
  readonly type?: readonly string[];
  readonly status?: readonly string[];
  readonly owner?: string;
  readonly database?: string;
  readonly contains?: string;
  readonly where?: string;
}

const STATUSES: readonly JobStatus[] = [
  'PENDING',
  'RUNNING',
  'PAUSE_REQUESTED',
  'PAUSED',
  'CANCEL_REQUESTED',
  'REVERTING',
  'SUCCEEDED',
  'FAILED',
  'CANCELED',
];

export const withFilter = (command: Command): Command =>
  command
    .option('--type <names...>', 'jobs of these types, such as IMPORT, or the names of custom kinds')
    .option('--status <names...>', 'jobs with one of these statuses, such as RUNNING')
    .option('--owner <name>', 'jobs of this user')
    .option('--database <name>', 'jobs on this database')
    .option('--contains <text>', 'jobs whose description contains this text')
    .option('--where <json>', 'a JobFilter of the API, such as \'{"error": {"isNull": false}}\'');

/** All given options must hold. Undefined if none is given. @throws UsageError naming the option */
export const filterOf = ({ type, status, owner, database, contains, where }: FilterOptions): JobFilter | undefined => {
  const filter: JobFilter = {
    ...(type !== undefined && { typeName: { in: type.map((name) => name.toUpperCase()) } }),
    ...(status !== undefined && { status: { in: status.map(statusOf) } }),
    ...(owner !== undefined && { userName: { equals: owner } }),
    ...(database !== undefined && { database: { equals: database } }),
    ...(contains !== undefined && { description: { contains } }),
  };
  if (where !== undefined) return { and: [jsonOf(where), ...(Object.keys(filter).length === 0 ? [] : [filter])] };
  return Object.keys(filter).length === 0 ? undefined : filter;
};

const statusOf = (text: string): JobStatus => {
  const found = STATUSES.find((status) => status === text.toUpperCase().replaceAll('-', '_'));
  if (found !== undefined) return found;
  throw new UsageError(`--status ${text}: must be one of ${STATUSES.join(', ')}`);
};

const jsonOf = (text: string): JobFilter => {
  try {
    return JSON.parse(text) as JobFilter;
  } catch (error) {
    throw new UsageError(`--where ${text}: is no JSON: ${(error as Error).message}`);
  }
};

/** The jobs of a command: ids, a filter, or all. @throws UsageError if it is not exactly one of them */
export const selectorOf = (
  ids: readonly string[],
  options: FilterOptions & { readonly all?: boolean },
): JobSelector => {
  const where = filterOf(options);
  const given = [ids.length > 0, where !== undefined, options.all === true].filter(Boolean).length;
  if (given === 0) throw new UsageError('which jobs? Give ids, a filter such as --type IMPORT, or --all');
  if (given > 1) throw new UsageError('give either ids, or a filter, or --all: not several of them');
  if (where !== undefined) return { where };
  return ids.length > 0 ? { ids: [...ids] } : { all: true };
};
