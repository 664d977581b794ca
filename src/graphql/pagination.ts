/** Relay connections: their arguments, their page info and the cursors of lists; and ids of jobs as clients give them. */
import { badInput } from '../errors.ts';
import type { JobId } from '../jobs/job.ts';
import type { PageOf, Position } from '../store/store.ts';
import { builder } from './builder.ts';

/** @throws BAD_USER_INPUT naming the argument */
export const jobIdOf = (value: string, field: string, of: 'job' | 'schedule' = 'job'): JobId => {
  if (/^[1-9]\d{0,15}$/.test(value) && Number.isSafeInteger(Number(value))) return value;
  throw badInput(
    field,
    `${field} ${JSON.stringify(value)} is not the id of a ${of}: it must be a whole number such as 27536791415282`,
  );
};

export const FIRST = 'Returns at most this many, from the start or after `after`. From 0 to 1,000.';
export const LAST = 'Returns at most this many, from the end or before `before`. From 0 to 1,000.';
export const AFTER = 'Returns only what follows this cursor.';
export const BEFORE = 'Returns only what precedes this cursor.';

const DEFAULT_PAGE = 100;
const LARGEST_PAGE = 1_000;

interface PageArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: Position | null | undefined;
  readonly before?: Position | null | undefined;
}

type ConnectionPage = PageOf & { readonly backward: boolean };

/** The arguments of a connection as a page. `descending`: the order of the connection itself. */
export const pageOf = (given: PageArguments, descending: boolean): ConnectionPage => {
  const { first, last } = given;
  if (typeof first === 'number' && typeof last === 'number')
    throw badInput('last', `last ${last} and first ${first} are both given: give only one`);
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
 * The nodes of a page in the order of the connection, with its page info. Whether more follows in the direction of
 * reading is known; beyond a given cursor, `isAny` looks, only when that field is selected: a cursor need not belong to
 * a node that still exists, or that this viewer may see.
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

/** An empty page that includes its start: it answers only whether anything is there. */
const from = (after: Position, direction: PageOf['direction']): PageOf => ({
  direction,
  after,
  before: null,
  limit: 0,
  inclusive: true,
});

/** Cursors of lists are opaque to clients; they hold the name of the list and a position in it. */
export const encodeCursor = (list: string, position: Position) =>
  Buffer.from(`${list}:${position.join(':')}`).toString('base64url');

export const decodeCursor = (list: string, cursor: string | null | undefined, field: string): Position | null => {
  if (cursor === null || cursor === undefined) return null;
  const text = Buffer.from(cursor, 'base64url').toString();
  const numbers = text.startsWith(`${list}:`) ? text.slice(list.length + 1) : '';
  const position = numbers.split(':').map(Number);
  if (!/^\d{1,16}(:\d{1,16})?$/.test(numbers) || !position.every(Number.isSafeInteger)) {
    throw badInput(field, `${field} ${JSON.stringify(cursor)} is not a cursor of this list`);
  }
  return position as unknown as Position;
};

export const PageInfoType = builder
  .objectRef<{
    hasNextPage: () => Promise<boolean>;
    hasPreviousPage: () => Promise<boolean>;
    startCursor: string | null;
    endCursor: string | null;
  }>('PageInfo')
  .implement({
    description: 'What lies before and after a page of a connection, by the Relay specification.',
    fields: (t) => ({
      hasNextPage: t.boolean({
        description: 'Whether more follows this page.',
        resolve: (page) => page.hasNextPage(),
      }),
      hasPreviousPage: t.boolean({
        description: 'Whether more precedes this page.',
        resolve: (page) => page.hasPreviousPage(),
      }),
      startCursor: t.exposeString('startCursor', {
        nullable: true,
        description: 'The cursor of the first edge. Null if the page is empty.',
      }),
      endCursor: t.exposeString('endCursor', {
        nullable: true,
        description: 'The cursor of the last edge. Null if the page is empty.',
      }),
    }),
  });
