import { GraphQLError, GraphQLScalarType } from 'graphql';

const wrong = (name: string, value: unknown, wanted: string) =>
  new GraphQLError(`${name} cannot represent ${JSON.stringify(value)}: it is ${wanted}`);

/** Milliseconds since 1970 inside. */
export const dateTimeScalar = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  description: 'An instant, ISO 8601 in UTC with milliseconds.',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: (value) => {
    const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(time)) throw wrong('DateTime', value, 'an instant such as 2030-01-31T12:00:00.000Z');
    return time;
  },
});

export const countScalar = new GraphQLScalarType<number, number>({
  name: 'Count',
  description: '0 to 2^53 - 1, a JSON number.',
  serialize: (value) => value as number,
  parseValue: (value) => {
    if (!Number.isSafeInteger(value) || (value as number) < 0) throw wrong('Count', value, 'a whole number from 0');
    return value as number;
  },
});

const CURSOR_DIGITS = 16;

export const formatCursor = (cursor: number) => String(cursor).padStart(CURSOR_DIGITS, '0');

const placeScalar = (name: string, description: string, of: string) =>
  new GraphQLScalarType<number, string>({
    name,
    description,
    serialize: (value) => formatCursor(value as number),
    parseValue: (value) => {
      const place = typeof value === 'string' && /^\d{16}$/.test(value) ? Number(value) : Number.NaN;
      if (!Number.isSafeInteger(place)) throw wrong(name, value, `the cursor of ${of}, 16 digits`);
      return place;
    },
  });

export const cursorScalar = placeScalar(
  'Cursor',
  'A place in the event log. Of fixed width: later places compare greater as strings. Never reused, survives restarts.',
  'an event',
);

export const changefeedCursorScalar = placeScalar(
  'ChangefeedCursor',
  'A place in one changefeed. Of fixed width: later places compare greater as strings.',
  'a message of a changefeed',
);

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({ name: 'JSON', description: 'Any JSON value.' });
