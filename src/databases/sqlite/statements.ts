/** Statements of a catalogue (sqlite_schema), which SQLite keeps in one form: `CREATE INDEX `, and then as it was written. */
import { quote } from './names.ts';

export type ObjectType = 'table' | 'index' | 'trigger' | 'view';

export interface Head {
  readonly type: ObjectType;
  /** What it is called, without quotes. */
  readonly name: string;
  /** Where the name stands, quotes included. */
  readonly from: number;
  readonly to: number;
}

/** What a statement makes; null unless it begins as the catalogue has a table, an index, a trigger or a view. */
export const headOf = (statement: string): Head | null => {
  const [prefix, type] = /^CREATE (TABLE|(?:UNIQUE )?INDEX|TRIGGER|VIEW) /.exec(statement) ?? [];
  if (prefix === undefined || type === undefined) return null;
  const from = prefix.length;
  const [token] = NAME.exec(statement.slice(from)) ?? [];
  if (token === undefined) return null;
  const to = from + token.length;
  const head = { type: (type.split(' ').at(-1) ?? type).toLowerCase() as ObjectType, name: unquoted(token), from, to };
  // CREATE TABLE … AS and names of two parts are never in a catalogue.
  return head.type !== 'table' || /^(\s|--[^\n]*(\n|$)|\/\*[\s\S]*?\*\/)*\(/.test(statement.slice(to)) ? head : null;
};

/** The same index under another name. */
export const withName = (statement: string, name: string): string => {
  const head = headOf(statement);
  if (head === null) throw new Error(`not a statement of a catalogue: ${statement}`);
  return `${statement.slice(0, head.from)}${quote(name)}${statement.slice(head.to)}`;
};

const NAME =
  /^("([^"\0]|"")*"|'([^'\0]|'')*'|`([^`\0]|``)*`|\[[^\]\0]*\]|[A-Za-z_\u0080-\uffff][A-Za-z0-9_$\u0080-\uffff]*)/;

const unquoted = (token: string): string => {
  const mark = token[0] ?? '';
  if (mark === '[') return token.slice(1, -1);
  return /["'`]/.test(mark) ? token.slice(1, -1).replaceAll(mark + mark, mark) : token;
};
