/** The details of a schema change, stored as JSON. */
import { z } from 'zod';

const table = z.string();
const column = z.string();

const ADD_COLUMN = z.object({
  what: z.literal('addColumn'),
  table,
  column: z.object({
    name: z.string(),
    type: z.string(),
    nullable: z.boolean(),
    /** An SQL expression; null for no default. */
    default: z.string().nullable(),
  }),
});
const DROP_COLUMN = z.object({ what: z.literal('dropColumn'), table, column });
const RENAME_COLUMN = z.object({ what: z.literal('renameColumn'), table, column, to: z.string() });
const ALTER_COLUMN = z.object({
  what: z.literal('alterColumn'),
  table,
  column,
  type: z.string().nullable(),
  nullable: z.boolean().nullable(),
  default: z.string().nullable(),
  dropDefault: z.boolean(),
});
/** Either a column or an expression. */
const INDEX_PART = z.object({
  column: z.string().nullable(),
  expression: z.string().nullable(),
  order: z.enum(['ASC', 'DESC']),
  collation: z.string().nullable(),
});
const CREATE_INDEX = z.object({
  what: z.literal('createIndex'),
  table,
  name: z.string(),
  /** Null if the index has `parts`. */
  columns: z.array(column).readonly().nullable(),
  parts: z.array(INDEX_PART).readonly().nullable().default(null),
  unique: z.boolean(),
  where: z.string().nullable(),
});
const DROP_INDEX = z.object({ what: z.literal('dropIndex'), table, name: z.string() });

const RENAME_TABLE = z.object({ what: z.literal('renameTable'), table, to: z.string() });
const ADD_CHECK = z.object({ what: z.literal('addCheck'), table, name: z.string(), expression: z.string() });
const ADD_UNIQUE = z.object({
  what: z.literal('addUnique'),
  table,
  name: z.string(),
  columns: z.array(column).readonly(),
});

export const FOREIGN_KEY_ACTIONS = ['NO_ACTION', 'RESTRICT', 'CASCADE', 'SET_NULL', 'SET_DEFAULT'] as const;
const ADD_FOREIGN_KEY = z.object({
  what: z.literal('addForeignKey'),
  table,
  name: z.string(),
  columns: z.array(column).readonly(),
  /** The parent, and its columns. */
  references: table,
  to: z.array(column).readonly(),
  onDelete: z.enum(FOREIGN_KEY_ACTIONS),
  onUpdate: z.enum(FOREIGN_KEY_ACTIONS),
});

/** Names are spelled as in the catalogue; types and defaults have been checked. */
const CHANGE = z.discriminatedUnion('what', [
  ADD_COLUMN,
  DROP_COLUMN,
  RENAME_COLUMN,
  ALTER_COLUMN,
  CREATE_INDEX,
  DROP_INDEX,
  RENAME_TABLE,
  ADD_CHECK,
  ADD_UNIQUE,
  ADD_FOREIGN_KEY,
]);
export type Change = z.output<typeof CHANGE>;
export type AddColumn = z.output<typeof ADD_COLUMN>;
export type DropColumn = z.output<typeof DROP_COLUMN>;
export type RenameColumn = z.output<typeof RENAME_COLUMN>;
export type AlterColumn = z.output<typeof ALTER_COLUMN>;
export type CreateIndex = z.output<typeof CREATE_INDEX>;
export type DropIndex = z.output<typeof DROP_INDEX>;
export type IndexPart = z.output<typeof INDEX_PART>;
export type RenameTable = z.output<typeof RENAME_TABLE>;
export type AddCheck = z.output<typeof ADD_CHECK>;
export type AddUnique = z.output<typeof ADD_UNIQUE>;
export type AddForeignKey = z.output<typeof ADD_FOREIGN_KEY>;

export const DETAILS = z.object({
  database: z.string(),
  /** The tables that change, in the order in which they are first named. */
  tables: z.array(z.string()).readonly(),
  changes: z.array(CHANGE).readonly(),
  /** Waits for RESUME before the swap. */
  holdBeforeCommit: z.boolean().default(false),
});
export type Details = z.output<typeof DETAILS>;
