import { badInput } from '../errors.ts';
import { EVERYTHING, type Filter, JOB_FIELDS, readFilter } from '../jobs/filter.ts';
import type { Selection } from '../store/store.ts';
import { builder } from './builder.ts';
import { JobFilter } from './filters.ts';
import { jobIdOf } from './pagination.ts';

export const LARGEST_SELECTION = 10_000;

export const JobSelector = builder.inputType('JobSelector', {
  description:
    'Which jobs: ids, or a filter (the nested SELECT of PAUSE JOBS), or `all: true`. A filter that says nothing is an ' +
    'error wherever it stands (`{}`, an explicit null, an empty list, `contains: ""`), and so are `ids: []` and ' +
    '`all: false`: a mistake in a front end must not act on everything.',
  isOneOf: true,
  fields: (t) => ({ ids: t.idList(), where: t.field({ type: JobFilter }), all: t.boolean() }),
});

interface Selector {
  readonly ids?: readonly string[] | null | undefined;
  readonly where?: Filter | null | undefined;
  readonly all?: boolean | null | undefined;
}

/** What a selector means. Throws `badInput` with the path of what says nothing, or what can be no job. */
export const readSelector = ({ ids, where, all }: Selector, path: string): Selection => {
  if (ids !== undefined) return readIds(ids, `${path}.ids`);
  if (where !== undefined) return { where: readFilter(where, JOB_FIELDS, `${path}.where`, 'refused') };
  if (all === true) return { where: EVERYTHING };
  throw badInput(`${path}.all`, `${path}.all is not true, and nothing else says which jobs`);
};

const readIds = (ids: readonly string[] | null, path: string): Selection => {
  if (ids === null || ids.length === 0) throw badInput(path, `${path} names no job`);
  if (ids.length > LARGEST_SELECTION) {
    throw badInput(path, `${path} has ${ids.length} ids: at most ${LARGEST_SELECTION} in a call`);
  }
  return { ids: ids.map((id, index) => jobIdOf(id, `${path}.${index}`)) };
};
