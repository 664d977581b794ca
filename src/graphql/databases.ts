import type { ColumnShape, IndexShape, TableShape } from '../databases/database.ts';
import type { DatabaseNow } from '../engine/databases.ts';
import type { KnownDatabase } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { findByPrefix, NodeInterface } from './node.ts';

/** Read once, when a field that needs its inside is asked for. */
type DatabaseNode = KnownDatabase & { readonly nodeId: string; readonly now: () => Promise<DatabaseNow> };

const databaseNode = (database: KnownDatabase, { databases }: Context): DatabaseNode => {
  let reading: Promise<DatabaseNow> | undefined;
  return {
    ...database,
    nodeId: `database:${database.name}`,
    now: () => {
      reading ??= databases.read(database);
      return reading;
    },
  };
};

const ColumnType = builder.objectRef<ColumnShape>('Column').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    type: t.exposeString('type'),
    nullable: t.exposeBoolean('nullable'),
    primaryKey: t.exposeBoolean('primaryKey'),
    default: t.exposeString('default', { nullable: true }),
  }),
});

const IndexType = builder.objectRef<IndexShape>('Index').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    columns: t.stringList({ resolve: ({ columns }) => columns }),
    unique: t.exposeBoolean('unique'),
  }),
});

const TableType = builder.objectRef<TableShape>('Table').implement({
  fields: (t) => ({
    name: t.exposeString('name'),
    columns: t.field({ type: [ColumnType], resolve: ({ columns }) => columns }),
    indexes: t.field({ type: [IndexType], resolve: ({ indexes }) => indexes }),
    rowCount: t.expose('rowCount', {
      type: 'Count',
      nullable: true,
      description: 'Null when it cannot be counted in the time that a read may take.',
    }),
  }),
});

const DatabaseType = builder.objectRef<DatabaseNode>('Database').implement({
  interfaces: [NodeInterface],
  isTypeOf: (node) => String((node as Partial<DatabaseNode>).nodeId).startsWith('database:'),
  fields: (t) => ({
    name: t.exposeString('name'),
    url: t.exposeString('url', { description: 'Redacted.' }),
    tables: t.field({
      type: [TableType],
      nullable: true,
      description: 'Null when it cannot be read now; `error` says why.',
      resolve: async (database) => (await database.now()).shape?.tables ?? null,
    }),
    error: t.string({ nullable: true, resolve: async (database) => (await database.now()).error }),
  }),
});

const find = async (name: string, context: Context) => {
  const known = (await context.databases.list(context.viewer())).find((database) => database.name === name);
  return known === undefined ? null : databaseNode(known, context);
};
findByPrefix('database', find);

builder.queryFields((t) => ({
  databases: t.field({
    type: [DatabaseType],
    nullable: true,
    resolve: async (_, __, context) =>
      (await context.databases.list(context.viewer())).map((database) => databaseNode(database, context)),
  }),
  database: t.field({
    type: DatabaseType,
    nullable: true,
    args: { name: t.arg.string({ required: true }) },
    resolve: (_, { name }, context) => find(name, context),
  }),
}));

const CreateDatabaseInput = builder.inputType('CreateDatabaseInput', {
  fields: (t) => ({
    name: t.string({ required: true, description: 'Letters, digits, _ and -.' }),
    url: t.string({ description: 'An existing database. Left out: a new SQLite file in the data folder.' }),
  }),
});

const CreateDatabasePayload = builder.objectRef<{ database: DatabaseNode }>('CreateDatabasePayload').implement({
  fields: (t) => ({ database: t.expose('database', { type: DatabaseType }) }),
});

builder.mutationField('createDatabase', (t) =>
  t.field({
    type: CreateDatabasePayload,
    nullable: true,
    description: 'CONFLICT when the name is taken.',
    args: { input: t.arg({ type: CreateDatabaseInput, required: true }) },
    resolve: async (_, { input }, context) => ({
      database: databaseNode(await context.databases.create(input, context.viewer()), context),
    }),
  }),
);
