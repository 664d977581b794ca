/** The input of a creation. One declaration defines both its parser and its type in the API. */
import { z } from 'zod';
import { atMost, COLUMN_INPUT, forColumns, nameOf, or, ownNameOf, sqlText } from '../../databases/inputs.ts';
import { show } from '../../databases/show.ts';
import { parseInput as parse } from '../../jobs/declare.ts';
import { ORDER_DIRECTION } from '../../jobs/order-direction.ts';
import { type Change, FOREIGN_KEY_ACTIONS } from './details.ts';

const MAX_CHANGES = 100;

const table = ownNameOf('table').describe('The name of the table. It is literal and never split at a dot.');
const column = nameOf('column').describe('The name of the column.');
const index = ownNameOf('index').describe('The name of the index.');

const ADD_COLUMN = z
  .object({ table, column: COLUMN_INPUT.describe('The new column. It cannot be part of the primary key.') })
  .superRefine(({ column }, context) => {
    if (!column.primaryKey) return;
    const message = `column ${show(column.name)} is added, so it cannot be the primary key`;
    context.addIssue({ code: 'custom', path: ['column', 'primaryKey'], message });
  })
  .meta({ id: 'AddColumn', description: 'Adds a column at the end of a table.' });

const DROP_COLUMN = z
  .object({ table, column })
  .meta({ id: 'DropColumn', description: 'Removes a column and its values.' });

const RENAME_COLUMN = z.object({ table, column, to: nameOf('column').describe('The new name.') }).meta({
  id: 'RenameColumn',
  description: 'Renames a column. Indexes, triggers, views and foreign keys that name it follow.',
});

const ALTER_COLUMN = z
  .object({
    table,
    column,
    type: or(sqlText, null).describe('The new type. A value that it cannot hold without loss fails the job.'),
    nullable: or(z.boolean(), null).describe('Whether the column may hold NULL. A NULL that exists fails the job.'),
    default: or(sqlText, null).describe('The new default: an SQL expression. Existing rows keep their values.'),
    dropDefault: or(z.boolean(), false).describe('Removes the default. Not together with `default`.'),
  })
  .superRefine((change, context) => {
    const { type, nullable, dropDefault } = change;
    if (change.default !== null && dropDefault) {
      context.addIssue({
        code: 'custom',
        path: ['dropDefault'],
        message: 'default and dropDefault exclude each other: omit one',
      });
    }
    if (type === null && nullable === null && change.default === null && !dropDefault) {
      const message = 'nothing is changed: specify type, nullable, default or dropDefault';
      context.addIssue({ code: 'custom', path: [], message });
    }
  })
  .meta({ id: 'AlterColumn', description: 'Changes a column. What is omitted stays as it is.' });

const columns = (description: string) =>
  forColumns(column)
    .min(1, { error: ({ path = [] }) => `${String(path.at(-1))} is empty` })
    .readonly()
    .describe(description);

const ON_FIELDS = {
  column: column.nullish().describe('A column of the table.'),
  expression: sqlText.nullish().describe('A deterministic SQL expression on columns of the table.'),
};
const INDEX_PART_TARGET = z
  .looseObject(ON_FIELDS)
  .transform((fields, context) => {
    const { column = null, expression = null } = fields;
    const names = Object.keys(fields).filter((name) => fields[name] !== null && fields[name] !== undefined);
    if (names.length === 1 && (column !== null || expression !== null)) return { column, expression };
    context.addIssue({ code: 'custom', message: 'a part of an index is on one of column, expression' });
    return z.NEVER;
  })
  .meta({ id: 'IndexPartTarget', isOneOf: true, description: 'What a part of an index is on.' });
const INDEX_PART = z
  .object({
    on: INDEX_PART_TARGET.describe('A column or an expression.'),
    order: ORDER_DIRECTION.default('ASC').describe('The order of the values in the index.'),
    collation: or(nameOf('collation'), null).describe(
      'The collation that compares texts: BINARY, NOCASE or RTRIM. The one of the column if omitted.',
    ),
  })
  .transform(({ on, order, collation }) => ({ ...on, order, collation }))
  .meta({ id: 'IndexPart', description: 'A part of an index.' });

const CREATE_INDEX = z
  .object({
    table,
    name: index,
    columns: or(columns('The columns to index, in order. Either this or `parts`.'), null).describe(
      'The columns to index, in order. Either this or `parts`.',
    ),
    parts: or(forColumns(INDEX_PART).min(1, { error: 'parts is empty' }).readonly(), null).describe(
      'The parts of the index, in order, for expressions, directions and collations. Either this or `columns`.',
    ),
    unique: z.boolean().default(false).describe('Whether the index rejects duplicates. An existing one fails the job.'),
    where: or(sqlText, null).describe('An SQL expression that selects the rows to index. All rows if omitted.'),
  })
  .superRefine(({ columns, parts }, context) => {
    if ((columns === null) !== (parts === null)) return;
    const message = columns === null ? 'specify columns or parts' : 'columns and parts exclude each other: omit one';
    context.addIssue({ code: 'custom', path: [columns === null ? 'columns' : 'parts'], message });
  })
  .meta({ id: 'CreateIndex', description: 'Creates an index.' });

const DROP_INDEX = z.object({ table, name: index }).meta({ id: 'DropIndex', description: 'Removes an index.' });

const RENAME_TABLE = z.object({ table, to: ownNameOf('table').describe('The new name.') }).meta({
  id: 'RenameTable',
  description: 'Renames a table. Indexes, triggers, views, foreign keys and changefeeds follow.',
});

const constraint = ownNameOf('constraint').describe('The name of the constraint.');

const ADD_CHECK = z
  .object({
    table,
    name: constraint,
    expression: sqlText.describe(
      'An SQL expression on columns of the table. A row for which it is false fails the job.',
    ),
  })
  .meta({ id: 'AddCheck', description: 'Adds a CHECK constraint to a table.' });

const ADD_UNIQUE = z
  .object({ table, name: constraint, columns: columns('The columns whose values are unique together, in order.') })
  .meta({
    id: 'AddUnique',
    description: 'Adds a UNIQUE constraint to a table. Two rows with the same values fail the job.',
  });

const FOREIGN_KEY_ACTION = z.enum(FOREIGN_KEY_ACTIONS).meta({
  id: 'ForeignKeyAction',
  description: 'What happens to a row when the row that it refers to is deleted or gets another key.',
  values: {
    NO_ACTION: 'The statement fails if the row still lacks its parent at the end of it.',
    RESTRICT: 'The statement fails at once.',
    CASCADE: 'The row is deleted, or gets the new key.',
    SET_NULL: 'The columns become NULL.',
    SET_DEFAULT: 'The columns get their defaults.',
  },
});

const ADD_FOREIGN_KEY = z
  .object({
    table,
    name: constraint,
    columns: columns('The columns that refer to the other table, in order.'),
    references: ownNameOf('table').describe('The table that is referred to. It may be the same table.'),
    to: columns('Its columns, in the same order: its primary key, or columns that are unique together.'),
    onDelete: FOREIGN_KEY_ACTION.default('NO_ACTION').describe('What a deletion of the referred row does.'),
    onUpdate: FOREIGN_KEY_ACTION.default('NO_ACTION').describe('What a new key of the referred row does.'),
  })
  .superRefine(({ columns, to }, context) => {
    if (columns.length === to.length) return;
    const message = `columns has ${columns.length} entries, and to has ${to.length}: there must be as many`;
    context.addIssue({ code: 'custom', path: ['to'], message });
  })
  .meta({
    id: 'AddForeignKey',
    description:
      'Adds a FOREIGN KEY constraint to a table. A row that refers to no row of the other table fails the job.',
  });

const CHANGES = {
  addColumn: ADD_COLUMN.nullish().describe('Adds a column.'),
  dropColumn: DROP_COLUMN.nullish().describe('Removes a column.'),
  renameColumn: RENAME_COLUMN.nullish().describe('Renames a column.'),
  alterColumn: ALTER_COLUMN.nullish().describe('Changes the type, the default or the nullability of a column.'),
  createIndex: CREATE_INDEX.nullish().describe('Creates an index.'),
  dropIndex: DROP_INDEX.nullish().describe('Removes an index.'),
  renameTable: RENAME_TABLE.nullish().describe('Renames a table.'),
  addCheck: ADD_CHECK.nullish().describe('Adds a CHECK constraint.'),
  addUnique: ADD_UNIQUE.nullish().describe('Adds a UNIQUE constraint.'),
  addForeignKey: ADD_FOREIGN_KEY.nullish().describe('Adds a FOREIGN KEY constraint.'),
} as const satisfies Record<Change['what'], z.ZodType>;

const CHANGE = z
  .looseObject(CHANGES)
  .transform((fields, context): Change => {
    const { addColumn, dropColumn, renameColumn, alterColumn, createIndex, dropIndex } = fields;
    const { renameTable, addCheck, addUnique, addForeignKey } = fields;
    const names = Object.keys(fields).filter((name) => fields[name] !== null && fields[name] !== undefined);
    if (names.length === 1) {
      if (addColumn) {
        const { primaryKey: _, ...column } = addColumn.column;
        return { what: 'addColumn', table: addColumn.table, column };
      }
      if (dropColumn) return { what: 'dropColumn', ...dropColumn };
      if (renameColumn) return { what: 'renameColumn', ...renameColumn };
      if (alterColumn) return { what: 'alterColumn', ...alterColumn };
      if (createIndex) return { what: 'createIndex', ...createIndex };
      if (dropIndex) return { what: 'dropIndex', ...dropIndex };
      if (renameTable) return { what: 'renameTable', ...renameTable };
      if (addCheck) return { what: 'addCheck', ...addCheck };
      if (addUnique) return { what: 'addUnique', ...addUnique };
      if (addForeignKey) return { what: 'addForeignKey', ...addForeignKey };
    }
    const found = names.length === 0 ? 'none of them' : names.map((name) => show(name)).join(' and ');
    const message = `a change is one of ${Object.keys(CHANGES).join(', ')}, not ${found}`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({ id: 'SchemaChangeInput', isOneOf: true, description: 'One change of a table.' });

export const INPUT = z
  .object({
    database: z.string().describe('The name of the database.'),
    changes: atMost(MAX_CHANGES, 'entries', z.array(CHANGE))
      .min(1, { error: 'changes is empty' })
      .describe('From 1 to 100 changes, applied together, in order, in one copy where a copy is needed: all or none.'),
    holdBeforeCommit: z
      .boolean()
      .default(false)
      .describe(
        'Pauses the job when everything is copied. RESUME then swaps the tables, and CANCEL leaves them as they were.',
      ),
  })
  .meta({ id: 'CreateSchemaChangeInput', description: 'A schema change to create.' });

/** The input as requested, not checked yet. */
export type SchemaChangeRequest = z.input<typeof INPUT>;
export type Input = z.output<typeof INPUT>;

/** @throws BAD_USER_INPUT naming the first field that is invalid */
export const parseInput = (request: unknown): Input => parse(INPUT, request);
