import SchemaBuilder from '@pothos/core';
import type { Context } from './context.ts';
import { changefeedCursorScalar, countScalar, cursorScalar, dateTimeScalar, jsonScalar } from './scalars.ts';

export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: {
    ID: { Input: string; Output: string };
    DateTime: { Input: number; Output: number };
    Count: { Input: number; Output: number };
    Cursor: { Input: number; Output: number };
    ChangefeedCursor: { Input: number; Output: number };
    JSON: { Input: unknown; Output: unknown };
  };
}>({ defaultFieldNullability: false });

builder.addScalarType('DateTime', dateTimeScalar);
builder.addScalarType('Count', countScalar);
builder.addScalarType('Cursor', cursorScalar);
builder.addScalarType('ChangefeedCursor', changefeedCursorScalar);
builder.addScalarType('JSON', jsonScalar);

builder.queryType({
  description:
    'Reads. A field that is refused is null, with an error that has its path; the other fields are answered.',
});
builder.mutationType({
  description:
    'Writes. The fields of one request are executed one after the other. A field that is refused is null, with an error ' +
    'that has its path, and what the other fields did stays done.',
});
builder.subscriptionType({
  description:
    'Streams over a WebSocket (graphql-transport-ws) or server-sent events. Only one field is allowed in each operation.',
});
