/** Types and defaults that people give as text, checked before they stand in a statement. */
import Sqlite from 'better-sqlite3';

/** Whether SQLite takes it for a type and nothing more: `TEXT UNIQUE` is more. */
export const isType = (type: string): boolean => {
  if (!TYPE.test(type)) return false;
  const probe = new Sqlite(':memory:');
  try {
    probe.prepare(`CREATE TABLE one (c ${type})`).run();
    const [column] = probe.pragma('table_xinfo(one)') as { type: string; notnull: number; pk: number }[];
    return column !== undefined && column.notnull === 0 && column.pk === 0 && plain(column.type) === plain(type);
  } catch {
    return false;
  } finally {
    probe.close();
  }
};

/** Whether it is one SQL literal, `CURRENT_TIME` and its like among them. */
export const isLiteral = (text: string): boolean => LITERAL.test(text) && text.isWellFormed();

const TYPE = /^[A-Za-z][A-Za-z0-9_ ]*(\( *[+-]?\d+ *(, *[+-]?\d+ *)?\))?$/;
const LITERAL = new RegExp(
  `^(${[
    String.raw`[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?`,
    '[+-]?0x[0-9a-f]{1,16}',
    "'([^'\\0]|'')*'",
    "x'([0-9a-f]{2})*'",
    'null|true|false|current_time|current_date|current_timestamp',
  ].join('|')})$`,
  'i',
);

// SQLite may spell a type of its own in capitals.
const plain = (type: string) => type.replaceAll(' ', '').toLowerCase();
