import { behindParentheses, isMark, isWord, tokensOf } from '../../databases/sql-text.ts';
import { itemsIn } from './table-text.ts';

export interface IndexText {
  /** What it is of, in order: names or expressions, without their direction. */
  readonly parts: readonly string[];
  /** The condition of a partial index. */
  readonly where: string | null;
}

/** The text of a CREATE INDEX as the catalogue has it. */
export const readIndexText = (sql: string): IndexText => {
  const tokens = tokensOf(sql).filter(({ kind }) => kind !== 'comment');
  const open = tokens.findIndex((token) => isMark(token, '('));
  const behind = behindParentheses(tokens, open);
  const parts = itemsIn(tokens.slice(open + 1, behind - 1)).map((item) => {
    const last = isWord(item.at(-1), 'asc', 'desc') ? item.at(-2) : item.at(-1);
    return sql.slice(item[0]?.from, last?.to);
  });
  const where = isWord(tokens[behind], 'where') ? sql.slice(tokens[behind]?.to, tokens.at(-1)?.to).trim() : null;
  return { parts, where };
};
