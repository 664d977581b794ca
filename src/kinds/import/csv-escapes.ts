/** What a character means after an escape character. */
import type { RowOptions } from './csv-row.ts';

/**
 * `literal`: each character stands for itself. `pgcopy`: the text format of PostgreSQL's COPY
 * (https://www.postgresql.org/docs/current/sql-copy.html). `mysql`: SELECT … INTO OUTFILE
 * (https://dev.mysql.com/doc/refman/8.4/en/load-data.html).
 */
export type EscapeStyle = 'literal' | 'pgcopy' | 'mysql';

const LETTERS = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' } as const;
const MYSQL_LETTERS = { b: '\b', n: '\n', r: '\r', t: '\t', Z: '\x1a' } as const;

const letters =
  (meanings: Readonly<Record<string, string>>): RowOptions['escaped'] =>
  (text, at) => {
    const letter = text.charAt(at);
    return Object.hasOwn(meanings, letter) ? { text: meanings[letter] ?? '', next: at + 1 } : undefined;
  };

const pgLetters = letters(LETTERS);
const mysqlLetters = letters(MYSQL_LETTERS);

/** A byte as one to three octal or one or two hexadecimal digits. A byte beyond ASCII is only a part of a character. */
const byteAt: RowOptions['escaped'] = (text, at) => {
  const [all, octal, hex] = /^(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2}))/.exec(text.slice(at, at + 3)) ?? [];
  if (all === undefined) return undefined;
  const byte = octal === undefined ? Number.parseInt(hex ?? '', 16) : Number.parseInt(octal, 8) & 0xff;
  const next = at + all.length;
  if (byte === 0) return { text: '', next, fault: NUL };
  if (byte > 0x7f) return { text: '', next, fault: `the byte \\${all}, which is not ASCII` };
  return { text: String.fromCharCode(byte), next };
};

const NUL = 'a NUL character';

export const ESCAPES: Readonly<Record<EscapeStyle, RowOptions['escaped']>> = {
  literal: () => undefined,
  pgcopy: (text, at) => pgLetters(text, at) ?? byteAt(text, at),
  mysql: (text, at) => (text.charAt(at) === '0' ? { text: '', next: at + 1, fault: NUL } : mysqlLetters(text, at)),
};
