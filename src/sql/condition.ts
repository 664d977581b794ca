/** WHERE as a filter of jobs. */
import { type ColumnType, type JobColumn, statusNamed, typeNamed, type Value } from './columns.ts';
import { type Condition, idFilter, numberFilter, timeFilter } from './comparisons.ts';
import { type State, sqlError } from './errors.ts';
import { likeOf, type PatternOperator } from './patterns.ts';
import type { Node } from './postgres.ts';
import { all, any, CONSTANTS, mergedIn, not, type Truth } from './truth.ts';
import { numberOf, timeOf, wholeOf } from './values.ts';

/** What the walk needs of the statement around it. */
export interface Scope {
  /** The column that an expression names. @throws 42703 */
  column(node: Node): JobColumn | null;
  /** The value of a constant expression, of a type. @throws if it is none */
  value(node: Node, type: ColumnType): Value;
  /** The items of a constant array of a type; null: it is NULL. @throws if it is none */
  items(node: Node, type: ColumnType): readonly Node[] | null;
  position(location: number | undefined): number | undefined;
}

export const conditionOf = (where: Node, scope: Scope): Condition => truthOf(where, scope).true;

const locationOf = (node: Node): number | undefined =>
  (Object.values(node)[0] as { readonly location?: number } | undefined)?.location;

const truthOf = (node: Node, scope: Scope): Truth => {
  if ('BoolExpr' in node) {
    const { boolop, args = [] } = node.BoolExpr;
    const parts = args.map((arg) => truthOf(arg, scope));
    if (boolop === 'NOT_EXPR') return not(parts[0] ?? CONSTANTS.null);
    return boolop === 'AND_EXPR' ? all(parts) : any(parts);
  }
  if ('NullTest' in node) return nullTest(node.NullTest, scope);
  if ('A_Expr' in node) return comparison(node.A_Expr, scope);
  if ('SubLink' in node) return amongValues(node.SubLink, scope);
  if ('A_Const' in node || 'TypeCast' in node || 'ParamRef' in node) {
    const value = scope.value(node, 'bool');
    return CONSTANTS[value === null ? 'null' : value === true || value === 'true' ? 'true' : 'false'];
  }
  return refuse(node, 'this expression', scope);
};

type Of<K extends string> = Node extends infer N ? (N extends { readonly [key in K]: infer T } ? T : never) : never;

const refuse = (node: Node, what: string, scope: Scope, state: State = 'notSupported'): never => {
  throw sqlError(
    state,
    `${what} is not supported in a condition: docs/sql.md lists what is`,
    scope.position(locationOf(node)),
  );
};

const nullTest = ({ arg, nulltesttype, location }: Of<'NullTest'>, scope: Scope): Truth => {
  const column = arg === undefined ? null : scope.column(arg);
  if (column === null) return refuse({ NullTest: { location } } as Node, 'IS NULL of an expression', scope);
  const isNull = present(column, false, scope, location);
  const isPresent = present(column, true, scope, location);
  return nulltesttype === 'IS_NULL' ? { true: isNull, false: isPresent } : { true: isPresent, false: isNull };
};

/** Fields without a condition for absent values always have one. */
const present = (column: JobColumn, wanted: boolean, scope: Scope, location: number | undefined): Condition => {
  const field = fieldOf(column, scope, location);
  if (field === 'id' || field === 'status') return wanted ? 'all' : 'none';
  return { [field]: { isNull: !wanted } };
};

const fieldOf = ({ name, field }: JobColumn, scope: Scope, location: number | undefined): string => {
  if (field !== null) return field;
  throw sqlError('notSupported', `column ${name} cannot be compared`, scope.position(location));
};

const FLIPPED: Readonly<Record<string, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=', '=': '=', '<>': '<>' };

const comparison = (expression: Of<'A_Expr'>, scope: Scope): Truth => {
  const { kind, name = [], lexpr, rexpr, location } = expression;
  const operator = name.map((part) => ('String' in part ? part.String.sval : '')).join('.');
  const at = { A_Expr: { location } } as Node;
  if (lexpr === undefined || rexpr === undefined) return refuse(at, `operator ${operator}`, scope);
  const left = scope.column(lexpr);
  const right = scope.column(rexpr);
  if (left !== null && right !== null) return refuse(at, 'a comparison of two columns', scope);
  if (kind === 'AEXPR_OP' && FLIPPED[operator] !== undefined) {
    if (left !== null) return compare(left, operator, rexpr, scope, location);
    if (right !== null) return compare(right, FLIPPED[operator] ?? operator, lexpr, scope, location);
    return ofConstants(operator, lexpr, rexpr, scope) ?? refuse(lexpr, 'a comparison without a column', scope);
  }
  if (left === null) return refuse(lexpr, 'a comparison without a column', scope);
  if (kind === 'AEXPR_IN' && 'List' in rexpr) {
    const among = any((rexpr.List.items ?? []).map((item) => compare(left, '=', item, scope, location)));
    const merged = mergedIn(among);
    return operator === '<>' ? not(merged) : merged;
  }
  if ((kind === 'AEXPR_BETWEEN' || kind === 'AEXPR_NOT_BETWEEN') && 'List' in rexpr) {
    const [low, high] = rexpr.List.items ?? [];
    if (low === undefined || high === undefined) return refuse(at, 'BETWEEN', scope);
    const within = all([compare(left, '>=', low, scope, location), compare(left, '<=', high, scope, location)]);
    return kind === 'AEXPR_BETWEEN' ? within : not(within);
  }
  if ((kind === 'AEXPR_OP_ANY' || kind === 'AEXPR_OP_ALL') && FLIPPED[operator] !== undefined) {
    const items = scope.items(rexpr, left.type);
    if (items === null) return CONSTANTS.null;
    const parts = items.map((item) => compare(left, operator, item, scope, location));
    // As with IN and NOT IN: a list of a thousand ids is one comparison.
    return kind === 'AEXPR_OP_ANY' ? mergedIn(any(parts)) : not(mergedIn(any(parts.map(not))));
  }
  if (kind === 'AEXPR_LIKE' || kind === 'AEXPR_ILIKE') {
    const matches = like(left, kind === 'AEXPR_LIKE' ? 'like' : 'ilike', rexpr, scope, location);
    return operator.startsWith('!') ? not(matches) : matches;
  }
  return refuse(at, `operator ${operator}`, scope);
};

const amongValues = ({ subLinkType, testexpr, subselect, location }: Of<'SubLink'>, scope: Scope): Truth => {
  const at = { SubLink: { location } } as Node;
  const select = subselect !== undefined && 'SelectStmt' in subselect ? subselect.SelectStmt : undefined;
  const rows = select?.valuesLists;
  const column = testexpr === undefined ? null : scope.column(testexpr);
  if (
    subLinkType !== 'ANY_SUBLINK' ||
    rows === undefined ||
    column === null ||
    select?.sortClause ||
    select?.limitCount
  ) {
    return refuse(at, 'a subquery other than IN (VALUES …)', scope);
  }
  const values = rows.map((row) => {
    const items = 'List' in row ? (row.List.items ?? []) : [];
    if (items.length !== 1 || items[0] === undefined) {
      throw sqlError(
        'syntax',
        `IN (VALUES …) expects rows of one value, not ${items.length}`,
        scope.position(location),
      );
    }
    return compare(column, '=', items[0], scope, location);
  });
  return mergedIn(any(values));
};

const ORDERS: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '=': (a, b) => a === b,
  '<>': (a, b) => a !== b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
};

/** `1 = 1`, which programs write where a condition may follow. */
const ofConstants = (operator: string, left: Node, right: Node, scope: Scope): Truth | null => {
  const isNumber = (node: Node) =>
    'A_Const' in node && (node.A_Const.ival !== undefined || node.A_Const.fval !== undefined);
  if (!isNumber(left) || !isNumber(right)) return null;
  const [one, other] = [left, right].map((node) => numberOf(scope.value(node, 'float8'), undefined));
  return CONSTANTS[ORDERS[operator]?.(one ?? 0, other ?? 0) === true ? 'true' : 'false'];
};

const OPPOSITE: Readonly<Record<string, string>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '=': '<>', '<>': '=' };

const compare = (
  column: JobColumn,
  operator: string,
  node: Node,
  scope: Scope,
  location: number | undefined,
): Truth => {
  const field = fieldOf(column, scope, location);
  const at = scope.position(locationOf(node) ?? location) ?? scope.position(location);
  const value = scope.value(node, column.type);
  if (value === null) return CONSTANTS.null;
  const both = (filterOf: (operator: string) => Condition): Truth => ({
    true: filterOf(operator),
    false: filterOf(OPPOSITE[operator] ?? operator),
  });
  if (field === 'id') return both((o) => idFilter(o, wholeOf(value, at)));
  if (column.type === 'timestamptz') {
    const time = timeOf(value, at);
    return both((o) => timeFilter(field, o, time));
  }
  if (column.type === 'float8') {
    const number = numberOf(value, at);
    return both((o) => numberFilter(field, o, number));
  }
  if (operator !== '=' && operator !== '<>') {
    throw sqlError(
      'notSupported',
      `operator ${operator} is not supported for column ${column.name}`,
      scope.position(location),
    );
  }
  const text = textOf(field, String(value), at);
  return both((o) =>
    o === '='
      ? { [field]: { equals: text } }
      : { [field]: field === 'status' ? { not: text } : { not: text, isNull: false } },
  );
};

const textOf = (field: string, text: string, at: number | undefined): string => {
  if (field === 'typeName') return typeNamed(text);
  if (field !== 'status') return text;
  const status = statusNamed(text);
  if (status !== undefined) return status;
  throw sqlError('invalidText', `invalid status ${JSON.stringify(text.slice(0, 100))}`, at);
};

const like = (
  column: JobColumn,
  operator: PatternOperator,
  node: Node,
  scope: Scope,
  location: number | undefined,
): Truth => {
  const field = fieldOf(column, scope, location);
  if (column.type !== 'text') {
    throw sqlError(
      'notSupported',
      `${operator.toUpperCase()} is not supported for column ${column.name}, which is a ${column.type}`,
      scope.position(location),
    );
  }
  const value = scope.value(node, 'text');
  if (value === null) return CONSTANTS.null;
  return likeOf(field, operator, String(value), scope.position(locationOf(node) ?? location));
};
