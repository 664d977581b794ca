/** The grammar of ALTER TABLE, CREATE INDEX and DROP INDEX. Types and expressions are handed on as they are written. */
import type { Reader } from './reader.ts';
import type { Creation } from './statement.ts';
import { tableName } from './tables.ts';

type Change = Readonly<Record<string, unknown>>;

const creation = (database: string | null, changes: readonly Change[], more: Partial<Creation> = {}): Creation => ({
  is: 'create',
  typeName: 'SCHEMA_CHANGE',
  tag: 'ALTER TABLE',
  input: { ...(database === null ? {} : { database }), changes },
  detached: false,
  ...more,
});

export const parseAlterTable = (reader: Reader): Creation => {
  if (reader.isNext('if')) reader.fail('IF EXISTS is not supported', reader.position(), 'notSupported');
  const { database, table } = tableName(reader);
  return creation(
    database,
    reader.listOf(() => readChange(reader, table)),
  );
};

const readChange = (reader: Reader, table: string): Change => {
  if (reader.accept('rename', 'to')) return { renameTable: { table, to: tableName(reader).table } };
  if (reader.accept('rename', 'constraint')) return notSupported(reader, 'RENAME CONSTRAINT');
  if (reader.accept('rename')) {
    reader.accept('column');
    const column = reader.name();
    reader.expect('to');
    return { renameColumn: { table, column, to: reader.name() } };
  }
  if (reader.accept('drop', 'constraint')) return notSupported(reader, 'DROP CONSTRAINT');
  if (reader.accept('drop')) {
    reader.accept('column');
    refuseIf(reader);
    return { dropColumn: { table, column: reader.name() } };
  }
  if (reader.accept('add', 'constraint')) return readConstraint(reader, table, reader.name());
  if (reader.accept('add')) {
    reader.accept('column');
    refuseIf(reader);
    return { addColumn: { table, column: columnDefinition(reader) } };
  }
  reader.expect('alter');
  reader.accept('column');
  return { alterColumn: { table, column: reader.name(), ...readAlteration(reader) } };
};

const notSupported = (reader: Reader, what: string): never =>
  reader.fail(`${what} is not supported`, reader.position(), 'notSupported');
const refuseIf = (reader: Reader) => {
  if (reader.isNext('if', 'not', 'exists') || reader.isNext('if', 'exists')) notSupported(reader, 'IF EXISTS');
};

const readAlteration = (reader: Reader): Change => {
  if (reader.accept('set', 'not', 'null')) return { nullable: false };
  if (reader.accept('drop', 'not', 'null')) return { nullable: true };
  if (reader.accept('drop', 'default')) return { dropDefault: true };
  if (reader.accept('set', 'default')) return { default: expression(reader, []) };
  reader.accept('set', 'data');
  reader.expect('type');
  const type = expression(reader, ['using', 'collate']);
  if (reader.isNext('using') || reader.isNext('collate')) notSupported(reader, reader.token().value.toUpperCase());
  return { type };
};

const readConstraint = (reader: Reader, table: string, name: string): Change => {
  if (reader.accept('check')) return { addCheck: { table, name, expression: enclosed(reader) } };
  if (reader.accept('unique')) return { addUnique: { table, name, columns: names(reader) } };
  reader.expect('foreign', 'key');
  const columns = names(reader);
  reader.expect('references');
  const { table: references } = tableName(reader);
  const to = names(reader);
  const actions: Record<string, string> = {};
  while (reader.accept('on')) {
    const when = reader.accept('delete') ? 'onDelete' : 'onUpdate';
    if (when === 'onUpdate') reader.expect('update');
    actions[when] = readAction(reader);
  }
  return { addForeignKey: { table, name, columns, references, to, ...actions } };
};

const readAction = (reader: Reader): string => {
  if (reader.accept('no', 'action')) return 'NO_ACTION';
  if (reader.accept('set', 'null')) return 'SET_NULL';
  if (reader.accept('set', 'default')) return 'SET_DEFAULT';
  if (reader.accept('restrict')) return 'RESTRICT';
  reader.expect('cascade');
  return 'CASCADE';
};

const names = (reader: Reader): readonly string[] => {
  reader.expect('(');
  const list = reader.listOf(() => reader.name());
  reader.expect(')');
  return list;
};

const enclosed = (reader: Reader): string => {
  const [from, to] = reader.parenthesis();
  return reader.text.slice(from, to).trim();
};

/** A column with its type and constraints. */
export const columnDefinition = (reader: Reader) => {
  const name = reader.name();
  const type = expression(reader, ['not', 'null', 'primary', 'default', 'unique', 'check', 'references', 'collate']);
  const rest: { nullable?: boolean; primaryKey?: boolean; default?: string } = {};
  for (;;) {
    if (reader.accept('not', 'null')) rest.nullable = false;
    else if (reader.accept('null')) rest.nullable = true;
    else if (reader.accept('primary', 'key')) Object.assign(rest, { primaryKey: true, nullable: false });
    else if (reader.accept('default')) rest.default = expression(reader, ['not', 'null', 'primary']);
    else break;
  }
  if (!reader.isEnd() && !reader.isNext(',') && !reader.isNext(')')) {
    reader.fail(
      `${reader.token().value.toUpperCase()} is not supported for a column`,
      reader.position(),
      'notSupported',
    );
  }
  return { name, type, ...rest };
};

/** The text up to a comma, a closing parenthesis, one of some words, or the end. */
const expression = (reader: Reader, until: readonly string[]): string => {
  const from = reader.token().start;
  let to = from;
  while (!reader.isEnd() && !reader.isNext(',') && !reader.isNext(')')) {
    const { is, value, end } = reader.token();
    if (to > from && is === 'word' && until.includes(value)) break;
    if (reader.isNext('(')) {
      reader.parenthesis();
      to = reader.token(-1).end;
      continue;
    }
    to = end;
    reader.skip();
  }
  if (to === from) reader.unexpected();
  return reader.text.slice(from, to);
};

export const parseCreateIndex = (reader: Reader, unique: boolean): Creation => {
  if (reader.isNext('concurrently')) reader.skip();
  if (reader.isNext('if', 'not', 'exists')) notSupported(reader, 'IF NOT EXISTS');
  if (reader.isNext('on')) reader.fail('the index needs a name', reader.position());
  const name = reader.name();
  reader.expect('on');
  const { database, table } = tableName(reader);
  if (reader.accept('using')) {
    if (reader.name().toLowerCase() !== 'btree') notSupported(reader, 'USING other than btree');
  }
  reader.expect('(');
  const parts = reader.listOf(() => readPart(reader));
  reader.expect(')');
  const where = reader.accept('where') ? expression(reader, []) : null;
  const isPlain = parts.every((part) => part.plain);
  const what = isPlain
    ? { columns: parts.map(({ column }) => column) }
    : {
        parts: parts.map(({ plain: _plain, column, expression: on, ...rest }) => ({
          on: column === null ? { expression: on } : { column },
          ...rest,
        })),
      };
  return creation(database, [{ createIndex: { table, name, unique, ...what, ...(where === null ? {} : { where }) } }], {
    tag: 'CREATE INDEX',
  });
};

const readPart = (reader: Reader) => {
  const isExpression = reader.isNext('(');
  const column = isExpression ? null : reader.name();
  const on = isExpression ? enclosed(reader) : null;
  const collation = reader.accept('collate') ? reader.name() : null;
  const order = reader.accept('desc') ? 'DESC' : 'ASC';
  if (order === 'ASC') reader.accept('asc');
  return {
    plain: !isExpression && collation === null && order === 'ASC',
    column,
    expression: on,
    order,
    ...(collation === null ? {} : { collation }),
  };
};

/** DROP INDEX i, DROP INDEX t@i. */
export const parseDropIndex = (reader: Reader): Creation => {
  if (reader.isNext('concurrently')) reader.skip();
  if (reader.isNext('if', 'exists')) notSupported(reader, 'IF EXISTS');
  const { database, table: first } = tableName(reader);
  if (reader.accept('@'))
    return creation(database, [{ dropIndex: { table: first, name: reader.name() } }], { tag: 'DROP INDEX' });
  return creation(database, [{ dropIndex: { name: first } }], { tag: 'DROP INDEX', lookUp: 'tableOfIndex' });
};
