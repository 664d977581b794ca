/**
 * A row of a model. The types that Prisma generates for SQLite serve both stores, whose schemas have the same models: a
 * column that is renamed or changes its type causes a compile error. Instants are a Date or a number, and large whole
 * numbers a bigint or a number, depending on the driver.
 */
export type Stored<Row> = {
  readonly [Column in keyof Row]: Row[Column] extends Date | null
    ? number | Row[Column]
    : Row[Column] extends bigint | null
      ? number | Row[Column]
      : Row[Column];
};

export type * from './sqlite/client/client.ts';
