import type { ColumnShape, IndexShape, TableShape } from '../databases/database.ts';
import type { DatabaseNow } from '../engine/databases.ts';
import type { KnownDatabase } from '../store/store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { findByPrefix, NodeInterface } from './node.ts';

/** A database whose content is read once, when a field that needs it is selected. */
type DatabaseNode = Omit<KnownDatabase, 'node'> & {
  readonly node: string | null;
  readonly nodeId: string;
  readonly now: () => Promise<DatabaseNow>;
};

const databaseNode = (database: KnownDatabase, { databases, node, filesShared }: Context): DatabaseNode => {
  let reading: Promise<DatabaseNow> | undefined;
  return {
    ...database,
    node: database.node ?? (filesShared ? null : node),
    nodeId: `database:${database.name}`,
    now: () => {
      reading ??= databases.read(database);
      return reading;
    },
  };
};

const ColumnType = builder.objectRef<ColumnShape>('Column').implement({
  description: 'A column of a table.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name, as declared.' }),
    type: t.exposeString('type', { description: 'The type, as declared. Empty if none was declared.' }),
    nullable: t.exposeBoolean('nullable', { description: 'Whether the column may hold NULL.' }),
    primaryKey: t.exposeBoolean('primaryKey', { description: 'Whether the column is part of the primary key.' }),
    default: t.exposeString('default', {
      nullable: true,
      description: 'The SQL expression of the default. Null if there is none.',
    }),
  }),
});

const IndexType = builder.objectRef<IndexShape>('Index').implement({
  description: 'An index of a table.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the index.' }),
    columns: t.stringList({
      description: 'The indexed columns, in order. A part that is an expression is `(expression)`.',
      resolve: ({ columns }) => columns,
    }),
    unique: t.exposeBoolean('unique', { description: 'Whether the index rejects duplicates.' }),
  }),
});

const TableType = builder.objectRef<TableShape>('Table').implement({
  description: 'A table of a database.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name, as declared.' }),
    columns: t.field({
      type: [ColumnType],
      description: 'The columns, in the order of the table.',
      resolve: ({ columns }) => columns,
    }),
    indexes: t.field({
      type: [IndexType],
      description: 'The indexes, those of constraints included.',
      resolve: ({ indexes }) => indexes,
    }),
    rowCount: t.expose('rowCount', {
      type: 'Count',
      nullable: true,
      description: 'The number of rows. Null if they cannot be counted within the time limit for reads.',
    }),
  }),
});

const DatabaseEngine = builder.enumType('DatabaseEngine', {
  description: 'A database system.',
  values: {
    SQLITE: { description: 'A file of SQLite.' },
    POSTGRESQL: { description: 'A database of a PostgreSQL server. Not supported yet.' },
  } as const,
});

const DatabaseType = builder.objectRef<DatabaseNode>('Database').implement({
  interfaces: [NodeInterface],
  description: 'A database that jobs work on.',
  isTypeOf: (node) => String((node as Partial<DatabaseNode>).nodeId).startsWith('database:'),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name under which jobs refer to the database.' }),
    url: t.exposeString('url', {
      description: 'The location, with secrets redacted. A relative path is below the data folder.',
    }),
    engine: t.field({
      type: DatabaseEngine,
      description: 'The database system that holds the data.',
      resolve: () => 'SQLITE' as const,
    }),
    node: t.exposeString('node', {
      nullable: true,
      description:
        'The server whose disk it is on. Jobs that work on it run there, and wait while that server is away. Null if ' +
        'every server can reach it.',
    }),
    tables: t.field({
      type: [TableType],
      nullable: true,
      // The first field that needs the content starts a question in another process.
      extensions: { cost: 200 },
      description: 'The tables. Null if the database cannot be read now; `error` has the reason.',
      resolve: async (database) => (await database.now()).shape?.tables ?? null,
    }),
    error: t.string({
      nullable: true,
      description: 'Why the database cannot be read now. Null if it can.',
      resolve: async (database) => (await database.now()).error,
    }),
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
    description: 'All databases. FORBIDDEN without the privilege CREATEJOB.',
    resolve: async (_, __, context) =>
      (await context.databases.list(context.viewer())).map((database) => databaseNode(database, context)),
  }),
  database: t.field({
    type: DatabaseType,
    nullable: true,
    description: 'The database with this name. Null if there is none. FORBIDDEN without the privilege CREATEJOB.',
    args: { name: t.arg.string({ required: true, description: 'The name, as given at its creation.' }) },
    resolve: (_, { name }, context) => find(name, context),
  }),
}));

const CreateDatabaseInput = builder.inputType('CreateDatabaseInput', {
  description: 'A database to create or to register.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description: 'From 1 to 128 letters, digits, `_` and `-`. It must not be in use.',
    }),
    url: t.string({
      description:
        'The URL of an existing SQLite file, `file:/path/app.db`. If omitted, a new file is created in the data folder.',
    }),
    idempotencyKey: t.string({
      description:
        'A text of 1 to 255 characters that makes it safe to repeat the request: the same key from the same viewer ' +
        'returns the same database, as it is now, as long as it is registered. With another input it is IDEMPOTENCY_CONFLICT.',
    }),
  }),
});

const CreateDatabasePayload = builder.objectRef<{ database: DatabaseNode }>('CreateDatabasePayload').implement({
  description: 'The result of `createDatabase`.',
  fields: (t) => ({ database: t.expose('database', { type: DatabaseType, description: 'The new database.' }) }),
});

builder.mutationField('createDatabase', (t) =>
  t.field({
    type: CreateDatabasePayload,
    nullable: true,
    description:
      'Creates a database, or registers an existing one. For admins; FORBIDDEN for others. CONFLICT if the name is in ' +
      'use or a job is creating a database with this name. BAD_USER_INPUT if the file cannot be used.',
    args: { input: t.arg({ type: CreateDatabaseInput, required: true, description: 'The database.' }) },
    resolve: async (_, { input: { idempotencyKey, ...input } }, context) => {
      const key = await context.keyOf('createDatabase', idempotencyKey, input);
      const viewer = context.viewer();
      const of = key === null ? null : { ...key, userName: viewer.name };
      return { database: databaseNode(await context.databases.create(input, viewer, context.by(), of), context) };
    },
  }),
);
