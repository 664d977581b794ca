import { GraphQLError, GraphQLScalarType } from 'graphql';

const invalid = (name: string, value: unknown, wanted: string) =>
  new GraphQLError(`${name} cannot represent ${JSON.stringify(value)}: it must be ${wanted}`);

/** Milliseconds since 1970 internally. */
export const dateTimeScalar = new GraphQLScalarType<number, string>({
  name: 'DateTime',
  description:
    'A point in time in the format of RFC 3339, such as `2030-01-31T12:00:00.000Z`. The server always returns UTC with ' +
    'milliseconds; input may have any offset.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc3339',
  serialize: (value) => new Date(value as number).toISOString(),
  parseValue: (value) => {
    const time = typeof value === 'string' && /^\d{4}-\d\d-\d\dT/.test(value) ? Date.parse(value) : Number.NaN;
    if (Number.isNaN(time)) throw invalid('DateTime', value, 'a point in time such as 2030-01-31T12:00:00.000Z');
    return time;
  },
});

export const countScalar = new GraphQLScalarType<number, number>({
  name: 'Count',
  description: 'A whole number from 0 to 2^53 - 1, as a JSON number.',
  serialize: (value) => value as number,
  parseValue: (value) => {
    if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
      throw invalid('Count', value, 'a whole number from 0');
    }
    return value;
  },
});

const CURSOR_DIGITS = 16;

export const formatCursor = (cursor: number) => String(cursor).padStart(CURSOR_DIGITS, '0');

const positionScalar = (name: string, description: string, of: string) =>
  new GraphQLScalarType<number, string>({
    name,
    description,
    serialize: (value) => formatCursor(value as number),
    parseValue: (value) => {
      const position = typeof value === 'string' && /^\d{16}$/.test(value) ? Number(value) : Number.NaN;
      if (!Number.isSafeInteger(position)) throw invalid(name, value, `the cursor of ${of}, 16 digits`);
      return position;
    },
  });

export const cursorScalar = positionScalar(
  'Cursor',
  'A position in the event log: 16 digits, so that a later position compares greater as a string. A cursor is never ' +
    'reused and survives restarts of the server.',
  'an event',
);

export const changefeedCursorScalar = positionScalar(
  'ChangefeedCursor',
  'A position in one changefeed: 16 digits, so that a later position compares greater as a string.',
  'a message of a changefeed',
);

export const jsonScalar = new GraphQLScalarType<unknown, unknown>({
  name: 'JSON',
  description: 'Any JSON value: an object, an array, a string, a number, a boolean or null.',
  specifiedByURL: 'https://datatracker.ietf.org/doc/html/rfc8259',
});
