/** WHERE of a SELECT from PostgreSQL's catalogue. What cannot be decided is unknown, as in SQL, and selects nothing. */
import { foldAscii } from '../jobs/filter.ts';
import { matcherOf, patternProblem } from '../jobs/pattern.ts';
import { arrayOf } from './arrays.ts';
import type { Value } from './columns.ts';
import type { Node } from './postgres.ts';

/** The value of an expression; undefined: it is not known. */
type Read = (node: Node) => Value | undefined;
/** Null: unknown. */
type Truth = boolean | null;

export const holds = (where: Node, read: Read): boolean => truthOf(where, read) === true;

export const lastName = (parts: readonly Node[] = []): string => {
  const last = parts.at(-1);
  return last !== undefined && 'String' in last ? (last.String.sval ?? '?column?') : '?column?';
};

const truthOf = (node: Node, read: Read): Truth => {
  if ('BoolExpr' in node) {
    const { boolop, args = [] } = node.BoolExpr;
    const parts = args.map((arg) => truthOf(arg, read));
    if (boolop === 'NOT_EXPR') return not(parts[0] ?? null);
    return boolop === 'AND_EXPR' ? every(parts) : not(every(parts.map(not)));
  }
  if ('NullTest' in node && node.NullTest.arg !== undefined) {
    const value = read(node.NullTest.arg);
    return value === undefined ? null : (value === null) === (node.NullTest.nulltesttype === 'IS_NULL');
  }
  if ('A_Expr' in node) return comparison(node.A_Expr, read);
  const value = read(node);
  return typeof value === 'boolean' ? value : null;
};

const not = (truth: Truth): Truth => (truth === null ? null : !truth);
const every = (parts: readonly Truth[]): Truth => (parts.includes(false) ? false : parts.includes(null) ? null : true);

type Of<K extends string> = Node extends infer N ? (N extends { readonly [key in K]: infer T } ? T : never) : never;

const comparison = ({ kind, name = [], lexpr, rexpr }: Of<'A_Expr'>, read: Read): Truth => {
  if (lexpr === undefined || rexpr === undefined) return null;
  const operator = lastName(name);
  const left = read(lexpr);
  if (left === undefined || left === null) return null;
  const equals = (items: readonly (Value | undefined)[] | null): Truth =>
    items === null ? null : not(every(items.map((item) => not(compare('=', left, item)))));
  if (kind === 'AEXPR_IN') return operator === '=' ? equals(itemsOf(rexpr, read)) : not(equals(itemsOf(rexpr, read)));
  if (kind === 'AEXPR_OP_ANY') return operator === '=' ? equals(itemsOf(rexpr, read)) : null;
  if (kind === 'AEXPR_OP_ALL') return operator === '<>' ? not(equals(itemsOf(rexpr, read))) : null;
  return /^AEXPR_(OP|LIKE|ILIKE)$/.test(String(kind)) ? compare(operator, left, read(rexpr)) : null;
};

const itemsOf = (node: Node, read: Read): readonly (Value | undefined)[] | null => {
  if ('List' in node) return (node.List.items ?? []).map(read);
  if ('A_ArrayExpr' in node) return (node.A_ArrayExpr.elements ?? []).map(read);
  const text = read(node);
  if (typeof text !== 'string') return null;
  try {
    return arrayOf(text, undefined);
  } catch {
    return null;
  }
};

const compare = (operator: string, left: Value, right: Value | undefined): Truth => {
  if (left === null || right === undefined || right === null) return null;
  if (operator === '=') return textOf(left) === textOf(right);
  if (operator === '<>') return textOf(left) !== textOf(right);
  const order = Object.hasOwn(ORDERS, operator) ? ORDERS[operator] : undefined;
  if (order !== undefined) return typeof left === 'number' && typeof right === 'number' ? order(left, right) : null;
  const [, negation, pattern, fold] = /^(!?)(~~?)(\*?)$/.exec(operator) ?? [];
  if (pattern === undefined) return null;
  const patterns = pattern === '~~' ? [String(right)] : patternsOf(String(right));
  if (patterns === null || patterns.some((one) => patternProblem(one) !== null)) return null;
  const folded = (text: string) => (fold === '' ? text : foldAscii(text));
  const isMatch = patterns.some((one) => matcherOf(folded(one))(folded(String(left))));
  return negation === '!' ? !isMatch : isMatch;
};

const textOf = (value: Value): string => (typeof value === 'boolean' ? (value ? 't' : 'f') : String(value));

const ORDERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/**
 * A regular expression as patterns of LIKE, of which one has to match: psql's have the form ^(a.*|b)$. Null: it is of
 * another form. JavaScript's own expressions are not used, since some of them never end.
 */
const patternsOf = (expression: string): readonly string[] | null => {
  const [, start, group, bare, end] = /^(\^?)(?:\(([^()]*)\)|([^()|]*?))(\$?)$/s.exec(expression) ?? [];
  const body = group ?? bare;
  if (body === undefined) return null;
  const patterns = body.split('|').map(patternOf);
  if (patterns.includes(null)) return null;
  return patterns.map((pattern) => `${start === '^' ? '' : '%'}${pattern}${end === '$' ? '' : '%'}`);
};

const patternOf = (expression: string): string | null => {
  let pattern = '';
  const piece = /\.\*|\.|\\([^A-Za-z0-9])|([^\\^$.*+?[\]{}()|])/suy;
  while (piece.lastIndex < expression.length) {
    const [whole, escaped, plain] = piece.exec(expression) ?? [];
    if (whole === undefined) return null;
    const literal = escaped ?? plain;
    pattern += literal === undefined ? (whole === '.' ? '_' : '%') : literal.replace(/[%_\\]/g, '\\$&');
  }
  return pattern;
};
