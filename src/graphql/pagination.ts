import { badInput } from '../errors.ts';
import type { JobId } from '../jobs/job.ts';
import type { PageOf, Place } from '../store/store.ts';

/** A job's id as people give it. Throws naming the argument for what can be no id of a job. */
export const jobIdOf = (value: string, field: string): JobId => {
  if (/^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value))) return value;
  throw badInput(
    field,
    `${field} ${JSON.stringify(value)} is no id of a job: a job's id is a whole number such as 27536791415282`,
  );
};

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1_000;

interface PageArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: Place | null | undefined;
  readonly before?: Place | null | undefined;
}

type ConnectionPage = PageOf & { readonly backward: boolean };

/** A Relay connection's arguments as a page. `descending`: the order that the connection is listed in. */
export const pageOf = (given: PageArguments, descending: boolean): ConnectionPage => {
  const { first, last } = given;
  if (typeof first === 'number' && typeof last === 'number') throw badInput('last', 'give first or last, not both');
  for (const [name, value] of Object.entries({ first, last })) {
    if (typeof value === 'number' && (value < 0 || value > LARGEST_PAGE)) {
      throw badInput(name, `${name} ${value} must be from 0 to ${LARGEST_PAGE}`);
    }
  }
  const backward = typeof last === 'number';
  const after = given.after ?? null;
  const before = given.before ?? null;
  return {
    backward,
    direction: descending === backward ? 'ascending' : 'descending',
    after: backward ? before : after,
    before: backward ? after : before,
    limit: first ?? last ?? DEFAULT_PAGE,
  };
};

/**
 * The nodes of a page in the connection's own order, with its page info. Whether there is more where the page was read
 * to is known; beyond a cursor that was given, `isAny` looks, when that field is asked for: a cursor need not be of
 * something that is there, or that this viewer sees.
 */
export const connectionOf = <Node>(
  nodes: readonly Node[],
  more: boolean,
  page: ConnectionPage,
  cursorOf: (node: Node) => string,
  isAny: (page: PageOf) => Promise<boolean>,
) => {
  const ordered = page.backward ? [...nodes].reverse() : nodes;
  const edges = ordered.map((node) => ({ node, cursor: cursorOf(node) }));
  const isAhead = async () => more || (page.before !== null && isAny(from(page.before, page.direction)));
  const isBehind = async () => page.after !== null && isAny(from(page.after, OPPOSITE[page.direction]));
  return {
    edges,
    nodes: ordered,
    pageInfo: {
      hasNextPage: () => (page.backward ? isBehind() : isAhead()),
      hasPreviousPage: () => (page.backward ? isAhead() : isBehind()),
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
};

const OPPOSITE = { ascending: 'descending', descending: 'ascending' } as const;

/** Nothing, read from a place on, the place itself included: that there is more is all that is asked. */
const from = (after: Place, direction: PageOf['direction']): PageOf => ({
  direction,
  after,
  before: null,
  limit: 0,
  inclusive: true,
});

/** Cursors of lists are opaque to clients; inside, the list's name and a place in it. */
export const encodePlace = (list: string, place: Place) =>
  Buffer.from(`${list}:${place.join(':')}`).toString('base64url');

export const decodePlace = (list: string, cursor: string | null | undefined, field: string): Place | null => {
  if (cursor === null || cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  const numbers = text.startsWith(`${list}:`) ? text.slice(list.length + 1) : '';
  const place = numbers.split(':').map(Number);
  if (!/^\d{1,16}(:\d{1,16})?$/.test(numbers) || !place.every(Number.isSafeInteger)) {
    throw badInput(field, `${field} ${JSON.stringify(cursor)} is no cursor of this list`);
  }
  return place as unknown as Place;
};
