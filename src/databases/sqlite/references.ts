/**
 * Finds the tables and views that a view, a trigger or a virtual table refers to, from its text alone: SQLite itself
 * would need every function, collation and module that the text uses.
 */
import { isOperator, isWord, nameIn, type Token, tokensOf } from './lexer.ts';
import { fold } from './names.ts';

/**
 * The folded names, without those that always exist.
 * @param isKnown whether an object has this folded name: only then a call after FROM is a virtual table, and not a
 *   function
 */
export const referencesOf = (statement: string, isKnown: (name: string) => boolean): ReadonlySet<string> => {
  const tokens = tokensOf(statement);
  if (isWord(tokens[1], 'virtual')) return referencesOfModule(tokens);
  const from = isWord(tokens[1], 'trigger') ? tokens.findIndex((token) => isWord(token, 'on')) + 2 : 0;
  return collect(tokens.slice(from), isKnown);
};

/** The folded name of the module of a CREATE VIRTUAL TABLE; null for other statements. */
export const moduleOf = (statement: string): string | null => {
  const tokens = tokensOf(statement);
  const module = tokens[5];
  return isWord(tokens[1], 'virtual') && isWord(tokens[4], 'using') && module !== undefined
    ? fold(nameIn(module))
    : null;
};

/**
 * The statement of a virtual table with other names of tables that it reads: the external content of a full-text index,
 * or the index that a vocabulary table reads.
 * @param renamed the new name of a table, by its folded name; undefined if it keeps its name
 */
export const withReferences = (statement: string, renamed: (name: string) => string | undefined): string => {
  const token = referenceIn(tokensOf(statement));
  const to = token === undefined ? undefined : renamed(fold(nameIn(token)));
  if (token === undefined || to === undefined) return statement;
  return `${statement.slice(0, token.from)}'${to.replaceAll("'", "''")}'${statement.slice(token.to)}`;
};

/** The external content of a full-text index, and the index that a vocabulary table reads. */
const referencesOfModule = (tokens: readonly Token[]): ReadonlySet<string> => {
  const found = referenceIn(tokens);
  return new Set(found === undefined ? [] : [fold(nameIn(found))]);
};

/** The token that names the table. */
const referenceIn = (tokens: readonly Token[]): Token | undefined => {
  const args = tokens.slice(7);
  const module = tokens[5] === undefined ? '' : fold(nameIn(tokens[5]));
  if (/^fts[45](vocab|aux)$/.test(module)) {
    const names = args.filter(isName);
    return names[Math.max(0, names.length - (module === 'fts5vocab' ? 2 : 1))];
  }
  if (!/^fts[345]$/.test(module)) return undefined;
  const at = args.findIndex((token, i) => isWord(token, 'content') && isOperator(args[i + 1], '='));
  const content = at === -1 ? undefined : args[at + 2];
  return content === undefined || nameIn(content) === '' ? undefined : content;
};

const isName = (token: Token | undefined): token is Token =>
  token !== undefined && /^(word|name|string)$/.test(token.kind);

/** One level of parentheses. */
interface Level {
  /** Whether a comma separates tables here. */
  isFrom: boolean;
}

/** After these, commas no longer separate tables. */
const CLAUSES = ['where', 'group', 'order', 'limit', 'having', 'window', 'union', 'intersect', 'except'];
const OTHERS = ['set', 'returning', 'values', 'select', 'begin', 'end'];

const collect = (tokens: readonly Token[], isKnown: (name: string) => boolean): ReadonlySet<string> => {
  const found = new Set<string>();
  const common = commonTables(tokens);
  const levels: Level[] = [{ isFrom: false }];
  let isTable = false;
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] as Token;
    const level = levels.at(-1) ?? { isFrom: false };
    if (isOperator(token, '(')) {
      isTable = isTable && !isWord(tokens[at + 1], 'select', 'values', 'with');
      levels.push({ isFrom: isTable });
    } else if (isOperator(token, ')')) {
      levels.pop();
      isTable = false;
    } else if (isOperator(token, ',')) isTable = level.isFrom;
    else if (isWord(token, ...CLAUSES, ...OTHERS) || isOperator(token, ';')) {
      level.isFrom = false;
      isTable = false;
    } else if (isTable && isName(token)) {
      isTable = false;
      if (isWord(token, 'or')) {
        // UPDATE OR IGNORE …
        at += 1;
        isTable = true;
        continue;
      }
      if (isOperator(tokens[at + 1], '.')) at += 2;
      const name = isName(tokens[at]) ? fold(nameIn(tokens[at] as Token)) : '';
      const isCall = isOperator(tokens[at + 1], '(') && level.isFrom;
      if (!common.has(name) && !alwaysExists(name) && (!isCall || isKnown(name))) found.add(name);
    } else if (isWord(token, 'from') && !isWord(tokens[at - 1], 'distinct')) {
      level.isFrom = true;
      isTable = true;
    } else if (isWord(token, 'join', 'into', 'update')) isTable = true;
    else if (isWord(token, 'in')) isTable = isName(tokens[at + 1]);
  }
  return found;
};

/** The folded names of common table expressions: `name AS (SELECT …)`. */
const commonTables = (tokens: readonly Token[]): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const [at, token] of tokens.entries()) {
    if (!isWord(token, 'as')) continue;
    let open = at + 1;
    while (isWord(tokens[open], 'not', 'materialized')) open += 1;
    if (!isOperator(tokens[open], '(') || !isWord(tokens[open + 1], 'select', 'values', 'with')) continue;
    let name = at - 1;
    if (isOperator(tokens[name], ')')) {
      while (name > 0 && !isOperator(tokens[name], '(')) name -= 1;
      name -= 1;
    }
    if (isName(tokens[name])) names.add(fold(nameIn(tokens[name] as Token)));
  }
  return names;
};

const alwaysExists = (name: string): boolean => /^(sqlite_|pragma_|dbstat$)/.test(name);
