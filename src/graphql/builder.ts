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

builder.queryType({});
builder.mutationType({});
builder.subscriptionType({});
