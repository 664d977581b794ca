/** The expressions inside a CREATE INDEX, which no pragma tells. */

export interface IndexSql {
  /** The indexed columns and expressions, as they are written. */
  readonly parts: readonly string[];
  /** The condition of a partial index. */
  readonly where: string | null;
}

/** Reads a statement as the catalogue keeps it. */
export const readIndexSql = (sql: string): IndexSql => {
  const tokens = [...sql.matchAll(TOKEN)].map(([token]) => (/^(--|\/\*)/.test(token) ? ' ' : token));
  const parts: string[] = [];
  let part = '';
  let depth = 0;
  let at = 0;
  for (; at < tokens.length; at++) {
    const token = tokens[at] ?? '';
    if (token === ')') depth -= 1;
    const isEnd = depth === 0 && token === ')';
    if (depth === 1 && token === ',') {
      parts.push(part);
      part = '';
    } else if (depth > 0) part += token;
    if (token === '(') depth += 1;
    if (isEnd) break;
  }
  parts.push(part);
  const [, where] = /^\s*where\b(.*)$/is.exec(tokens.slice(at + 1).join('')) ?? [];
  return { parts: parts.map((text) => text.trim().replace(/\s+(asc|desc)$/i, '')), where: where?.trim() ?? null };
};

/** The names in an expression, unquoted; words that are no names are among them. */
export const namesIn = (expression: string): readonly string[] =>
  [...expression.matchAll(TOKEN)].flatMap(([token]) => {
    const quoted = /^(["`])(.*)\1$/s.exec(token) ?? /^(\[)(.*)\]$/s.exec(token);
    if (quoted !== null) {
      const [, mark = '', name = ''] = quoted;
      return [mark === '[' ? name : name.replaceAll(mark + mark, mark)];
    }
    return /^[\p{L}_\x80-\uffff]/u.test(token) ? [token] : [];
  });

const TOKEN = new RegExp(
  [
    String.raw`--[^\n]*`,
    String.raw`\/\*[\s\S]*?(?:\*\/|$)`,
    `'(?:[^']|'')*'`,
    `"(?:[^"]|"")*"`,
    '`(?:[^`]|``)*`',
    String.raw`\[[^\]]*\]`,
    String.raw`[\p{L}\p{N}_$\x80-\uffff]+`,
    String.raw`[\s\S]`,
  ].join('|'),
  'gu',
);
