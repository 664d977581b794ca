/**
 * Parses the text of a CREATE TABLE from the catalogue: where its columns are, and how each is declared. An edit
 * changes the text in one place and leaves every other character as written. Edits are never trusted: the caller has
 * SQLite parse the new text, and compares the result.
 */
import { afterParentheses, isOperator, isWord, lex, listItems, nameIn, type Token, tokensOf } from './lexer.ts';
import { fold } from './names.ts';

export interface TableText {
  readonly sql: string;
  readonly columns: readonly ColumnText[];
  /**
   * The constraints after the columns. No comma is required between two of them, so all constraints after one comma are
   * together.
   */
  readonly constraints: readonly ConstraintsText[];
}

interface ConstraintsText {
  /** The position of their comma. */
  readonly comma: number;
  readonly parts: readonly Part[];
}

export interface ColumnText {
  readonly name: string;
  /** The span of its type, without GENERATED ALWAYS; empty, after the name, if there is none. */
  readonly type: Span;
  readonly parts: readonly Part[];
}

interface Span {
  readonly from: number;
  readonly to: number;
}

/** A constraint of a column or of the table, including the constraint's name. */
export interface Part extends Span {
  readonly what: PartName;
}

type PartName =
  | 'primary key'
  | 'not null'
  | 'null'
  | 'unique'
  | 'check'
  | 'default'
  | 'collate'
  | 'references'
  | 'deferrable'
  | 'generated'
  | 'foreign key'
  | 'name';

/** @throws Error if the text is not a CREATE TABLE with columns */
export const readTableText = (sql: string): TableText => {
  const tokens = tokensOf(sql);
  const open = tokens.findIndex((token) => isOperator(token, '('));
  if (!isWord(tokens[0], 'create') || !isWord(tokens[1], 'table') || open === -1) {
    throw new Error(`no statement that makes a table: ${sql.slice(0, 100)}`);
  }
  const columns: ColumnText[] = [];
  const constraints: ConstraintsText[] = [];
  for (const item of listItems(tokens.slice(open + 1, afterParentheses(tokens, open) - 1))) {
    // These keywords cannot be unquoted names.
    if (isWord(item[0], 'constraint', 'primary', 'unique', 'check', 'foreign')) {
      const comma = tokens.findLast((token) => isOperator(token, ',') && token.to <= (item[0]?.from ?? 0));
      constraints.push({ comma: comma?.from ?? 0, parts: partsOf(item, 0) });
    } else columns.push(columnIn(item));
  }
  return { sql, columns, constraints };
};

/** The expressions of generated columns, by folded name. @throws Error as `readTableText` does */
export const generatedIn = (sql: string): ReadonlyMap<string, string> =>
  new Map(
    readTableText(sql).columns.flatMap(({ name, parts }) => {
      const part = parts.findLast(({ what }) => what === 'generated');
      if (part === undefined) return [];
      const tokens = tokensOf(sql.slice(part.from, part.to));
      const open = tokens.findIndex((token) => isOperator(token, '('));
      const [first, last] = [tokens[open], tokens[afterParentheses(tokens, open) - 1]];
      return [[fold(name), sql.slice(part.from + (first?.to ?? 0), part.from + (last?.from ?? 0))] as const];
    }),
  );

const columnIn = (item: readonly Token[]): ColumnText => {
  const [named] = item;
  if (named === undefined) throw new Error('a column without a name');
  let behind = 1;
  while (behind < item.length && !beginsPart(item, behind)) {
    behind = isOperator(item[behind], '(') ? afterParentheses(item, behind) : behind + 1;
  }
  const type = { from: item[1]?.from ?? named.to, to: item[behind - 1]?.to ?? named.to };
  return {
    name: nameIn(named),
    type: behind === 1 ? { from: named.to, to: named.to } : type,
    parts: partsOf(item, behind),
  };
};

const beginsPart = (item: readonly Token[], at: number): boolean =>
  isWord(
    item[at],
    ...['constraint', 'primary', 'not', 'null', 'unique', 'check', 'default', 'collate'].concat('references', 'as'),
  ) ||
  (isWord(item[at], 'generated') && isWord(item[at + 1], 'always'));

const partsOf = (item: readonly Token[], begin: number): readonly Part[] => {
  const parts: Part[] = [];
  for (let at = begin; at < item.length; ) {
    const first = at;
    if (isWord(item[at], 'constraint')) at += 2;
    const [what, behind] = partAt(item, at);
    parts.push({ what, from: item[first]?.from ?? 0, to: item[behind - 1]?.to ?? 0 });
    at = behind;
  }
  return parts;
};

/** The kind of the constraint at this index, and the index after it. */
const partAt = (item: readonly Token[], at: number): readonly [PartName, number] => {
  const token = item[at];
  const skip = (index: number) => (isOperator(item[index], '(') ? afterParentheses(item, index) : index);
  // A constraint name may occur without a constraint.
  if (token === undefined || isWord(token, 'constraint')) return ['name', at];
  if (isWord(token, 'primary')) return ['primary key', behindKey(item, skip(at + 2))];
  if (isWord(token, 'not') && isWord(item[at + 1], 'deferrable')) return ['deferrable', behindDeferrable(item, at + 2)];
  if (isWord(token, 'deferrable')) return ['deferrable', behindDeferrable(item, at + 1)];
  if (isWord(token, 'not')) return ['not null', behindConflict(item, at + 2)];
  if (isWord(token, 'null')) return ['null', behindConflict(item, at + 1)];
  if (isWord(token, 'unique')) return ['unique', behindConflict(item, skip(at + 1))];
  if (isWord(token, 'check')) return ['check', behindConflict(item, skip(at + 1))];
  if (isWord(token, 'default')) return ['default', behindDefault(item, at + 1)];
  if (isWord(token, 'collate')) return ['collate', at + 2];
  if (isWord(token, 'references')) return ['references', behindReference(item, at)];
  if (isWord(token, 'foreign')) {
    const behind = behindReference(item, skip(at + 2));
    const isDeferred = isWord(item[behind], 'deferrable') || isWord(item[behind + 1], 'deferrable');
    return ['foreign key', isDeferred ? partAt(item, behind)[1] : behind];
  }
  if (isWord(token, 'generated') || isWord(token, 'as')) {
    const behind = skip(isWord(token, 'generated') ? at + 3 : at + 1);
    return ['generated', isWord(item[behind], 'stored', 'virtual') ? behind + 1 : behind];
  }
  throw new Error(`what ${JSON.stringify(token.text)} says of a column is not known`);
};

const behindKey = (item: readonly Token[], at: number): number => {
  let behind = isWord(item[at], 'asc', 'desc') ? at + 1 : at;
  behind = behindConflict(item, behind);
  return isWord(item[behind], 'autoincrement') ? behind + 1 : behind;
};

const behindConflict = (item: readonly Token[], at: number): number =>
  isWord(item[at], 'on') && isWord(item[at + 1], 'conflict') ? at + 3 : at;

const behindDefault = (item: readonly Token[], at: number): number => {
  if (isOperator(item[at], '(')) return afterParentheses(item, at);
  return isOperator(item[at], '+') || isOperator(item[at], '-') ? at + 2 : at + 1;
};

/** Starts at the keyword REFERENCES. */
const behindReference = (item: readonly Token[], references: number): number => {
  let at = references + 2;
  if (isOperator(item[at], '(')) at = afterParentheses(item, at);
  for (;;) {
    if (isWord(item[at], 'match')) at += 2;
    else if (isWord(item[at], 'on') && isWord(item[at + 1], 'delete', 'update', 'insert')) {
      at += isWord(item[at + 2], 'set', 'no') ? 4 : 3;
    } else return at;
  }
};

const behindDeferrable = (item: readonly Token[], at: number): number => (isWord(item[at], 'initially') ? at + 2 : at);

/** Text that replaces a span. */
interface Edit extends Span {
  readonly text: string;
}

const edited = (sql: string, edits: readonly Edit[]): string =>
  edits
    .toSorted((a, b) => b.from - a.from)
    .reduce((text, { from, to, text: put }) => {
      // A removal includes the blanks before it, but not a line break, which may end a comment.
      const before = put === '' ? withoutBlanks(text.slice(0, from)) : text.slice(0, from);
      return `${before}${put}${text.slice(to)}`;
    }, sql);

/** A CHECK of a table or of one of its columns. */
export interface Check {
  /** Null if it has none. */
  readonly name: string | null;
  readonly expression: string;
}

/**
 * Returns the same table without foreign keys and AUTOINCREMENT: a hidden table must not block deletes in other tables,
 * and no number may be counted twice.
 * @param keeps decides which checks the hidden table has
 */
export const withoutConstraints = (sql: string, keeps: (check: Check) => boolean = () => true): string => {
  const { columns, constraints } = readTableText(sql);
  const isRemoved = (part: Part) =>
    /^(references|deferrable|foreign key)$/.test(part.what) || (part.what === 'check' && !keeps(checkIn(sql, part)));
  const edits: Edit[] = [];
  for (const part of columns.flatMap(({ parts }) => parts)) if (isRemoved(part)) edits.push({ ...part, text: '' });
  for (const { comma, parts } of constraints) {
    const removed = parts.filter(isRemoved);
    const to = removed.at(-1)?.to ?? comma;
    if (removed.length === parts.length) edits.push({ from: comma, to, text: '' });
    else edits.push(...removed.map((part) => ({ ...part, text: '' })));
  }
  const keys = [...columns, ...constraints].flatMap(({ parts }) => parts.filter(({ what }) => what === 'primary key'));
  for (const { from, to } of keys) {
    for (const token of tokensOf(sql.slice(from, to)).filter((word) => isWord(word, 'autoincrement'))) {
      edits.push({ from: from + token.from, to: from + token.to, text: '' });
    }
  }
  return edited(sql, edits);
};

const checkIn = (sql: string, { from, to }: Part): Check => {
  const text = sql.slice(from, to);
  const tokens = tokensOf(text);
  const open = tokens.findIndex((token) => isOperator(token, '('));
  const [first, last] = [tokens[open], tokens[afterParentheses(tokens, open) - 1]];
  const isNamed = isWord(tokens[0], 'constraint') && tokens[1] !== undefined;
  return { name: isNamed ? nameIn(tokens[1] as Token) : null, expression: text.slice(first?.to, last?.from) };
};

/** The names of all constraints, folded. */
export const constraintNames = (sql: string): ReadonlySet<string> =>
  new Set(
    [...readTableText(sql).columns, ...readTableText(sql).constraints].flatMap(({ parts }) =>
      parts.flatMap(({ from, to }) => {
        const [first, name] = tokensOf(sql.slice(from, to));
        return isWord(first, 'constraint') && name !== undefined ? [fold(nameIn(name))] : [];
      }),
    ),
  );

/** The same table with another constraint after all others. */
export const withConstraint = (sql: string, constraint: string): string => {
  const tokens = tokensOf(sql);
  const open = tokens.findIndex((token) => isOperator(token, '('));
  const close = tokens[afterParentheses(tokens, open) - 1];
  const before = sql.slice(0, close?.from).trimEnd();
  // A line break ends a comment that would hide the constraint.
  const isComment = lex(before).at(-1)?.kind === 'comment';
  return `${before}${isComment ? '\n' : ''}, ${constraint}${sql.slice(close?.from)}`;
};

/** The new properties of a column. An omitted one stays the same; a null default removes it. */
export interface ColumnEdit {
  readonly type?: string | undefined;
  readonly nullable?: boolean | undefined;
  readonly default?: string | null | undefined;
}

/** @throws Error when the table has no column of that name */
export const withColumn = (sql: string, name: string, edit: ColumnEdit): string => {
  const column = readTableText(sql).columns.find((found) => fold(found.name) === fold(name));
  if (column === undefined) throw new Error(`there is no column ${name} in ${sql.slice(0, 100)}`);
  const { type, parts } = column;
  const edits: Edit[] = [];
  let added = '';
  const remove = (...whats: readonly PartName[]) => {
    for (const { from, to } of parts.filter(({ what }) => whats.includes(what))) edits.push({ from, to, text: '' });
  };
  if (edit.nullable !== undefined) {
    const isSaid = parts.some(({ what }) => what === 'not null');
    remove('null');
    if (edit.nullable) remove('not null');
    else if (!isSaid) added += ' NOT NULL';
  }
  if (edit.default !== undefined) {
    remove('default');
    if (edit.default !== null) added += ` DEFAULT ${edit.default}`;
  }
  if (edit.type === undefined) edits.push({ from: type.to, to: type.to, text: added });
  else edits.push({ ...type, text: `${type.from === type.to ? ' ' : ''}${edit.type}${added}` });
  return edited(sql, edits);
};

const withoutBlanks = (text: string) => {
  let end = text.length;
  while (text[end - 1] === ' ' || text[end - 1] === '\t') end -= 1;
  return text.slice(0, end);
};
