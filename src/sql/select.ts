/** A SELECT from the jobs, as PostgreSQL's parser reads it: what it selects, which jobs, and in which order. */
import { type Column, FEED_COLUMNS, HIDDEN_COLUMNS, JOB_COLUMNS, type JobColumn } from './columns.ts';
import type { Condition } from './comparisons.ts';
import { conditionOf, type Scope } from './condition.ts';
import { type Environment, itemsOf, valueOfType } from './constants.ts';
import { type State, sqlError } from './errors.ts';
import type { Node, ParsedSelect, SourceName } from './postgres.ts';
import { wholeOf } from './values.ts';

export interface Target extends Column {
  /** Null: the number of jobs. */
  readonly column: JobColumn | null;
}

export interface JobQuery {
  /** `all`: jobs of every age. */
  readonly source: SourceName | 'all';
  readonly condition: Condition;
  readonly targets: readonly Target[];
  /** Null: one row for each job. */
  readonly groupBy: readonly JobColumn[] | null;
  readonly orderBy: readonly Order[];
  readonly limit: number | null;
  readonly offset: number;
}

export interface Order {
  /** An index of `targets`, or a column that is not among them. */
  readonly by: number | JobColumn;
  readonly isDescending: boolean;
  readonly nullsFirst: boolean;
}

type Select = ParsedSelect['select'];
type Of<K extends string> = Node extends infer N ? (N extends { readonly [key in K]: infer T } ? T : never) : never;

const REFUSED: readonly (readonly [keyof Select, string])[] = [
  ['distinctClause', 'DISTINCT'],
  ['intoClause', 'INTO'],
  ['havingClause', 'HAVING'],
  ['windowClause', 'WINDOW'],
  ['lockingClause', 'FOR UPDATE'],
];

/** @throws 42601, 42703, 42P01, 42883 or 0A000 with the position of what cannot be translated */
export const readSelect = (parsed: ParsedSelect, environment: Environment): JobQuery => {
  const { select, positionOf } = parsed;
  const refuse = (what: string, location?: number, state: State = 'notSupported'): never => {
    throw sqlError(state, `${what} is not supported: docs/sql.md lists what is`, positionOf(location));
  };
  for (const [clause, name] of REFUSED) {
    if (select[clause] !== undefined) refuse(name, locationIn(select[clause]) ?? locationIn(select.targetList));
  }
  if (select.op !== undefined && select.op !== 'SETOP_NONE') refuse('UNION, INTERSECT or EXCEPT');
  const from = sourceOf(parsed, refuse);
  const columns = [...(from.source === 'changefeed' ? FEED_COLUMNS : JOB_COLUMNS), ...HIDDEN_COLUMNS];
  const column = (node: Node): JobColumn | null => {
    if (!('ColumnRef' in node)) return null;
    const { fields = [], location } = node.ColumnRef;
    const names = fields.map((field) => ('String' in field ? field.String.sval : '*'));
    const name = names.at(-1) ?? '';
    const qualifier = names.at(-2);
    if (qualifier !== undefined && qualifier !== from.name) {
      throw sqlError(
        'undefinedTable',
        `missing FROM-clause entry for table ${JSON.stringify(qualifier)}`,
        positionOf(location),
      );
    }
    const found = columns.find((known) => known.name === name);
    if (found !== undefined) return found;
    throw sqlError('undefinedColumn', `column ${JSON.stringify(name)} does not exist`, positionOf(location));
  };
  const scope: Scope = {
    column,
    value: (node, type) => valueOfType(node, type, environment),
    items: (node, type) => itemsOf(node, type, environment),
    position: positionOf,
  };
  const condition = select.whereClause === undefined ? 'all' : conditionOf(select.whereClause, scope);
  const targets = (select.targetList ?? []).flatMap((node) => targetsOf(node, { column, columns, refuse }));
  if (targets.length === 0) refuse('a SELECT without columns');
  const groupBy = groupOf(select, targets, scope, refuse);
  return {
    source: from.source,
    condition,
    targets,
    groupBy,
    orderBy: (select.sortClause ?? []).map((node) => orderOf(node, targets, groupBy !== null, scope, refuse)),
    limit: countOf(select.limitCount, 'LIMIT', scope),
    offset: countOf(select.limitOffset, 'OFFSET', scope) ?? 0,
  };
};

type Refuse = (what: string, location?: number, state?: State) => never;

const sourceOf = ({ select, sources, positionOf }: ParsedSelect, refuse: Refuse) => {
  const [from, second] = select.fromClause ?? [];
  if (from === undefined) return refuse('a SELECT without FROM');
  if (second !== undefined) return refuse('more than one table');
  if (!('RangeVar' in from)) return refuse('JoinExpr' in from ? 'JOIN' : 'a subquery in FROM', locationIn(from));
  const { schemaname, relname = '', alias, location } = from.RangeVar;
  const name = alias?.aliasname ?? relname;
  const given = location === undefined ? undefined : sources.get(location);
  if (given !== undefined) return { source: given, name };
  const query = schemaname === undefined ? withNamed(select, relname) : undefined;
  if (query !== undefined) return { source: ofWith(query, sources, refuse), name };
  const table = schemaname === undefined ? relname : `${schemaname}.${relname}`;
  if (table === 'crdb_internal.jobs' || table === 'information_schema.crdb_jobs')
    return { source: 'all', name } as const;
  throw sqlError(
    'undefinedTable',
    `relation ${JSON.stringify(table)} does not exist: select from [SHOW JOBS]`,
    positionOf(location),
  );
};

/** The first location in a part of the tree. */
const locationIn = (node: unknown): number | undefined => {
  const text = /"location":(\d+)/.exec(JSON.stringify(node) ?? '');
  return text === null ? undefined : Number(text[1]);
};

const withNamed = ({ withClause }: Select, name: string): Node | undefined => {
  for (const node of withClause?.ctes ?? []) {
    if ('CommonTableExpr' in node && node.CommonTableExpr.ctename === name) return node.CommonTableExpr.ctequery;
  }
  return undefined;
};

/** Only `WITH x AS (SHOW JOBS)`, which has become TABLE s. */
const ofWith = (query: Node, sources: ParsedSelect['sources'], refuse: Refuse): SourceName => {
  const [from] = ('SelectStmt' in query ? query.SelectStmt.fromClause : undefined) ?? [];
  const location = from !== undefined && 'RangeVar' in from ? from.RangeVar.location : undefined;
  const source = location === undefined ? undefined : sources.get(location);
  return source ?? refuse('WITH other than WITH x AS (SHOW JOBS)', location);
};

interface TargetScope {
  readonly column: (node: Node) => JobColumn | null;
  readonly columns: readonly JobColumn[];
  readonly refuse: Refuse;
}

const targetsOf = (node: Node, { column, columns, refuse }: TargetScope): readonly Target[] => {
  if (!('ResTarget' in node) || node.ResTarget.val === undefined) return refuse('this column');
  const { val, name, location } = node.ResTarget;
  if ('ColumnRef' in val && (val.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)) {
    return columns.filter((known) => !HIDDEN_COLUMNS.includes(known)).map((known) => ({ ...known, column: known }));
  }
  const found = column(val);
  if (found !== null) return [{ name: name ?? found.name, type: found.type, column: found }];
  if ('FuncCall' in val && isCount(val.FuncCall)) return [{ name: name ?? 'count', type: 'int8', column: null }];
  if ('FuncCall' in val) {
    const called = (val.FuncCall.funcname ?? []).map((part) => ('String' in part ? part.String.sval : '')).join('.');
    return refuse(`function ${called}`, val.FuncCall.location, 'undefinedFunction');
  }
  return refuse('an expression among the columns', location);
};

const isCount = ({ funcname = [], agg_star, agg_filter, over, agg_distinct }: Of<'FuncCall'>): boolean => {
  const name = funcname.map((part) => ('String' in part ? part.String.sval : '')).at(-1);
  return name === 'count' && agg_star === true && !agg_filter && !over && !agg_distinct;
};

const groupOf = (select: Select, targets: readonly Target[], scope: Scope, refuse: Refuse) => {
  const hasCount = targets.some((target) => target.column === null);
  const grouped = select.groupClause ?? [];
  if (grouped.length === 0 && !hasCount) return null;
  const columns = grouped.map((node) => {
    const ordinal = ordinalOf(node);
    return (
      (ordinal === null ? scope.column(node) : targets[ordinal - 1]?.column) ?? refuse('GROUP BY of an expression')
    );
  });
  const other = targets.find(({ column }) => column !== null && !columns.includes(column));
  if (other === undefined) return columns;
  throw sqlError('syntax', `column ${JSON.stringify(other.name)} must appear in the GROUP BY clause`);
};

const ordinalOf = (node: Node): number | null =>
  'A_Const' in node && node.A_Const.ival ? (node.A_Const.ival.ival ?? 0) : null;

const orderOf = (node: Node, targets: readonly Target[], isGrouped: boolean, scope: Scope, refuse: Refuse): Order => {
  if (!('SortBy' in node) || node.SortBy.node === undefined) return refuse('this ORDER BY');
  const { node: by, sortby_dir, sortby_nulls } = node.SortBy;
  if (sortby_dir === 'SORTBY_USING') refuse('ORDER BY … USING');
  const isDescending = sortby_dir === 'SORTBY_DESC';
  const nullsFirst = sortby_nulls === 'SORTBY_NULLS_FIRST' || (sortby_nulls !== 'SORTBY_NULLS_LAST' && isDescending);
  const index = targetIndex(by, targets);
  if (index !== null && index >= 0 && index < targets.length) return { by: index, isDescending, nullsFirst };
  if (index !== null) throw sqlError('syntax', `ORDER BY position ${index + 1} is not in select list`);
  const column = scope.column(by) ?? refuse('ORDER BY of an expression');
  const shown = targets.findIndex((target) => target.column === column);
  if (shown < 0 && isGrouped)
    throw sqlError('syntax', `column ${JSON.stringify(column.name)} must appear in the GROUP BY clause`);
  return { by: shown >= 0 ? shown : column, isDescending, nullsFirst };
};

/** The target that ORDER BY names, by its number, by its name, or as count(*). */
const targetIndex = (by: Node, targets: readonly Target[]): number | null => {
  const ordinal = ordinalOf(by);
  if (ordinal !== null) return ordinal - 1;
  if ('FuncCall' in by && isCount(by.FuncCall)) {
    const index = targets.findIndex(({ column }) => column === null);
    return index >= 0 ? index : null;
  }
  if (!('ColumnRef' in by) || (by.ColumnRef.fields ?? []).length !== 1) return null;
  const [field] = by.ColumnRef.fields ?? [];
  const name = field !== undefined && 'String' in field ? field.String.sval : undefined;
  const index = targets.findIndex((target) => target.name === name);
  return index >= 0 ? index : null;
};

const countOf = (node: Node | undefined, clause: string, scope: Scope): number | null => {
  if (node === undefined) return null;
  const value = scope.value(node, 'int8');
  if (value === null) return null;
  const count = wholeOf(value, undefined);
  if (count < 0n) throw sqlError('invalidValue', `${clause} must not be negative`);
  return Number(count > BigInt(Number.MAX_SAFE_INTEGER) ? Number.MAX_SAFE_INTEGER : count);
};
