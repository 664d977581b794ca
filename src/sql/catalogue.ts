/**
 * Answers for programs that read PostgreSQL's catalogue, such as psql's \d and JDBC's metadata: the columns that they ask
 * for, and no rows, except for the databases, the user, and what graphical tools read first. There are no tables.
 */
import { holds, lastName } from './catalogue-condition.ts';
import type { Column, ColumnType, Row, Value } from './columns.ts';
import { constantOf, type Environment } from './constants.ts';
import type { Node, ParsedSelect } from './postgres.ts';
import { type Answer, type Session, table } from './session.ts';

type Record_ = Readonly<Record<string, Value>>;
type Select = ParsedSelect['select'];

/** Whether a SELECT mentions the catalogue anywhere. */
export const readsCatalogue = ({ select }: ParsedSelect): boolean => {
  const waiting: unknown[] = [
    select.fromClause,
    select.withClause,
    select.larg,
    select.rarg,
    select.targetList,
    select.whereClause,
  ];
  for (let next = waiting.pop(); waiting.length > 0 || next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue;
    if ('RangeVar' in next) {
      const { schemaname, relname } = next.RangeVar as { readonly schemaname?: string; readonly relname?: string };
      if (isCatalogue(schemaname, relname ?? '')) return true;
    }
    waiting.push(...Object.values(next));
  }
  return false;
};

const isCatalogue = (schema: string | undefined, name: string): boolean =>
  (schema === 'information_schema' && name !== 'crdb_jobs') ||
  schema === 'pg_catalog' ||
  (schema === undefined && name.startsWith('pg_'));

/** The tables of the catalogue that have rows. */
const TABLES: Readonly<Record<string, (session: Session) => Promise<readonly Record_[]> | readonly Record_[]>> = {
  pg_database: async ({ caller }) => {
    const viewer = caller.viewer();
    const mayRead = viewer.isAdmin || viewer.privileges.includes('CREATEJOB');
    const names = mayRead ? (await caller.databases.list(viewer)).map(({ name }) => name) : [];
    return (names.length === 0 ? ['signalbox'] : names).map((datname, index) => ({
      oid: index + 1,
      datname,
      datdba: 10,
      encoding: 6,
      datcollate: 'C',
      datctype: 'C',
      datlocprovider: 'c',
      datistemplate: false,
      datallowconn: true,
      datconnlimit: -1,
    }));
  },
  pg_namespace: () => [{ oid: 2200, nspname: 'public', nspowner: 10 }],
  pg_roles: ({ caller }) => {
    const { name, isAdmin } = caller.viewer();
    return [
      {
        oid: 10,
        rolname: name,
        rolsuper: isAdmin,
        rolinherit: true,
        rolcreaterole: isAdmin,
        rolcreatedb: isAdmin,
        rolcanlogin: true,
        rolconnlimit: -1,
        rolreplication: false,
        rolbypassrls: false,
      },
    ];
  },
  pg_settings: ({ settings }) => settings.all().map(([name, setting]) => ({ name, setting })),
  pg_type: () => [
    ...(
      [
        [16, 'bool', 'B', 1],
        [20, 'int8', 'N', 8],
        [23, 'int4', 'N', 4],
        [25, 'text', 'S', -1],
        [26, 'oid', 'N', 4],
        [114, 'json', 'U', -1],
        [701, 'float8', 'N', 8],
        [1184, 'timestamptz', 'D', 8],
      ] as const
    ).map(([oid, typname, typcategory, typlen]) => ({
      oid,
      typname,
      typcategory,
      typlen,
      typnamespace: 11,
      typtype: 'b',
      typrelid: 0,
      typelem: 0,
      typbasetype: 0,
      typdelim: ',',
    })),
  ],
};

const TYPES: Readonly<Record<string, ColumnType>> = { boolean: 'bool', number: 'int4', string: 'text' };

export const selectCatalogue = async (
  parsed: ParsedSelect,
  session: Session,
  environment: Environment,
): Promise<Answer> => {
  const { select } = parsed;
  const first = leftmost(select);
  const records = await recordsOf(first, session);
  const kept = records.filter(
    (record) =>
      first.whereClause === undefined ||
      holds(first.whereClause, (node) => valueIn(node, record, session, environment)),
  );
  if (isCounted(first))
    return table([{ name: columnsOf(first.targetList?.[0], {})[0]?.name ?? 'count', type: 'int8' }], [[kept.length]]);
  const sample = records[0] ?? {};
  const columns = (first.targetList ?? []).flatMap((node) => columnsOf(node, sample));
  const rows = kept.map(
    (record): Row =>
      columns.map(
        ({ node, name }) => (node === null ? record[name] : valueIn(node, record, session, environment)) ?? null,
      ),
  );
  const typed = columns.map(({ name }, index): Column => ({ name, type: TYPES[typeof rows[0]?.[index]] ?? 'text' }));
  return table(typed, typed.length === 0 ? [] : rows);
};

/** Of a UNION, its first SELECT names the columns. */
const leftmost = (select: Select): Select => (select.larg === undefined ? select : leftmost(select.larg));

/** SELECT count(*) alone. */
const isCounted = ({ targetList = [], groupClause = [], havingClause }: Select): boolean => {
  const [only, second] = targetList;
  if (only === undefined || second !== undefined || groupClause.length > 0 || havingClause !== undefined) return false;
  const call =
    'ResTarget' in only && only.ResTarget.val !== undefined && 'FuncCall' in only.ResTarget.val
      ? only.ResTarget.val.FuncCall
      : null;
  return call?.agg_star === true && lastName(call.funcname) === 'count' && !call.over && !call.agg_filter;
};

const AGGREGATES = /^(count|sum|min|max|avg|every|bool_and|bool_or|\w+_agg)$/;

/** The rows of the one table that is read. Joins, groups and parts of it have none. */
const recordsOf = async (select: Select, session: Session): Promise<readonly Record_[]> => {
  const { fromClause = [], groupClause = [], limitCount, limitOffset, distinctClause } = select;
  const [from, second] = fromClause;
  if (from === undefined || second !== undefined || !('RangeVar' in from)) return [];
  if (groupClause.length > 0 || (distinctClause ?? []).length > 0 || limitOffset !== undefined) return [];
  if (limitCount !== undefined && !('A_Const' in limitCount && limitCount.A_Const.isnull)) return [];
  if (!isCounted(select) && (select.targetList ?? []).some(isAggregate)) return [];
  const { relname = '' } = from.RangeVar;
  return Object.hasOwn(TABLES, relname) ? ((await TABLES[relname]?.(session)) ?? []) : [];
};

const isAggregate = (node: Node): boolean => {
  if (!('ResTarget' in node) || node.ResTarget.val === undefined || !('FuncCall' in node.ResTarget.val)) return false;
  return AGGREGATES.test(lastName(node.ResTarget.val.FuncCall.funcname));
};

const columnsOf = (
  node: Node | undefined,
  sample: Record_,
): readonly { readonly name: string; readonly node: Node | null }[] => {
  if (node === undefined || !('ResTarget' in node) || node.ResTarget.val === undefined) return [];
  const { name, val } = node.ResTarget;
  if ('ColumnRef' in val && (val.ColumnRef.fields ?? []).some((field) => 'A_Star' in field)) {
    return Object.keys(sample).map((known) => ({ name: known, node: null }));
  }
  return [{ name: name ?? nameIn(val), node: val }];
};

/** The name that PostgreSQL gives a column without one. */
export const nameIn = (node: Node): string => {
  if ('ColumnRef' in node) return lastName(node.ColumnRef.fields);
  if ('FuncCall' in node) return lastName(node.FuncCall.funcname);
  if ('TypeCast' in node) {
    const inner = node.TypeCast.arg === undefined ? '?column?' : nameIn(node.TypeCast.arg);
    return inner === '?column?' ? lastName(node.TypeCast.typeName?.names) : inner;
  }
  if ('SQLValueFunction' in node) {
    const { op = '' } = node.SQLValueFunction as { readonly op?: string };
    return op.replace('SVFOP_', '').replace(/_N$/, '').toLowerCase().replace('current_catalog', 'current_catalog');
  }
  if ('CaseExpr' in node) return 'case';
  if ('CoalesceExpr' in node) return 'coalesce';
  if ('A_ArrayExpr' in node) return 'array';
  return '?column?';
};

const ENCODINGS: Readonly<Record<string, string>> = { '6': 'UTF8' };
/** What may be seen and used is everything that is listed. */
const ALWAYS_TRUE = /^(has_\w+_privilege|pg_\w+_is_visible)$/;

/** The value of an expression in a row; undefined: it is not known. */
const valueIn = (node: Node, record: Record_, session: Session, environment: Environment): Value | undefined => {
  if ('ColumnRef' in node) return record[lastName(node.ColumnRef.fields)];
  if ('TypeCast' in node && node.TypeCast.arg !== undefined)
    return valueIn(node.TypeCast.arg, record, session, environment);
  if ('CollateClause' in node && node.CollateClause.arg !== undefined)
    return valueIn(node.CollateClause.arg, record, session, environment);
  if ('FuncCall' in node) {
    const name = lastName(node.FuncCall.funcname);
    const [argument] = node.FuncCall.args ?? [];
    if (ALWAYS_TRUE.test(name)) return true;
    if (name === 'pg_get_userbyid') return session.caller.viewer().name;
    if (name === 'pg_encoding_to_char' && argument !== undefined) {
      return ENCODINGS[String(valueIn(argument, record, session, environment))];
    }
  }
  try {
    return constantOf(node, environment).value;
  } catch {
    return undefined;
  }
};
