/** Constant expressions: literals with casts, parameters, now() and intervals. */
import { arrayOf, atMost } from './arrays.ts';
import type { ColumnType, Value } from './columns.ts';
import { sqlError } from './errors.ts';
import type { Node } from './postgres.ts';
import { intervalMs, numberOf, type Parameters, timeOf, wholeOf } from './values.ts';

/** What constants may refer to. */
export interface Environment {
  readonly parameters: Parameters;
  readonly now: number;
  readonly userName: string;
  readonly database: string | null;
  readonly version: string;
  position(location: number | undefined): number | undefined;
}

type Kind = 'text' | 'number' | 'bool' | 'time' | 'interval' | 'null' | 'unknown';

interface Constant {
  readonly kind: Kind;
  readonly value: Value;
}

const NULL: Constant = { kind: 'null', value: null };

const TYPES: Readonly<Record<string, Kind>> = {
  int2: 'number',
  int4: 'number',
  int8: 'number',
  bigint: 'number',
  integer: 'number',
  int: 'number',
  numeric: 'number',
  decimal: 'number',
  float4: 'number',
  float8: 'number',
  oid: 'number',
  text: 'text',
  varchar: 'text',
  bpchar: 'text',
  string: 'text',
  name: 'text',
  regclass: 'text',
  bool: 'bool',
  timestamptz: 'time',
  timestamp: 'time',
  date: 'time',
  interval: 'interval',
};
const COLUMN_TYPE = { number: 'float8', text: 'text', bool: 'bool', time: 'timestamptz' } as const;

/** The functions without arguments, by their names. */
const FUNCTIONS: Readonly<Record<string, (environment: Environment) => Constant>> = {
  now: ({ now }) => ({ kind: 'time', value: now }),
  transaction_timestamp: ({ now }) => ({ kind: 'time', value: now }),
  statement_timestamp: ({ now }) => ({ kind: 'time', value: now }),
  clock_timestamp: ({ now }) => ({ kind: 'time', value: now }),
  version: ({ version }) => ({ kind: 'text', value: `PostgreSQL 15.0 compatible, Signalbox ${version}` }),
  current_database: ({ database }) => ({ kind: 'text', value: database ?? 'signalbox' }),
  current_schema: () => ({ kind: 'text', value: 'public' }),
  pg_backend_pid: () => ({ kind: 'number', value: 0 }),
  pg_is_in_recovery: () => ({ kind: 'bool', value: false }),
};

/** @throws 42883 for a function that is not known, 0A000 for an expression that is no constant */
export const constantOf = (node: Node, environment: Environment, expected: ColumnType = 'text'): Constant => {
  const refuse = (what: string): never => {
    const location = (Object.values(node)[0] as { readonly location?: number } | undefined)?.location;
    throw sqlError('notSupported', `${what} is not supported here`, environment.position(location));
  };
  if ('A_Const' in node) return literalOf(node.A_Const);
  if ('ParamRef' in node) {
    const { number = 0, location } = node.ParamRef;
    const value = environment.parameters.get(number, expected, environment.position(location));
    if (value === null) return NULL;
    if (typeof value === 'boolean') return { kind: 'bool', value };
    // A parameter has the type that the place expects.
    if (typeof value === 'number') return { kind: expected === 'timestamptz' ? 'time' : 'number', value };
    return { kind: 'unknown', value };
  }
  if ('TypeCast' in node) return cast(node.TypeCast, environment, refuse);
  if ('SQLValueFunction' in node) {
    const { op = '' } = node.SQLValueFunction as { readonly op?: string };
    if (/TIMESTAMP/.test(op)) return { kind: 'time', value: environment.now };
    if (/USER|ROLE/.test(op)) return { kind: 'text', value: environment.userName };
    if (op === 'SVFOP_CURRENT_CATALOG') return FUNCTIONS.current_database?.(environment) ?? NULL;
    if (op === 'SVFOP_CURRENT_SCHEMA') return { kind: 'text', value: 'public' };
    return refuse(op.replace('SVFOP_', '').toLowerCase());
  }
  if ('FuncCall' in node) {
    const { funcname = [], args = [], location } = node.FuncCall;
    const name = funcname.map((part) => ('String' in part ? part.String.sval : '')).at(-1) ?? '';
    const call = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (call !== undefined && args.length === 0) return call(environment);
    throw sqlError(
      'undefinedFunction',
      `function ${name}(${args.length === 0 ? '' : '…'}) is not supported`,
      environment.position(location),
    );
  }
  if ('A_Expr' in node) return arithmetic(node.A_Expr, environment, refuse);
  return refuse('this expression');
};

type Of<K extends string> = Node extends infer N ? (N extends { readonly [key in K]: infer T } ? T : never) : never;

const literalOf = ({ isnull, ival, fval, sval, boolval }: Of<'A_Const'>): Constant => {
  if (isnull) return NULL;
  if (boolval !== undefined) return { kind: 'bool', value: boolval.boolval === true };
  if (ival !== undefined) return { kind: 'number', value: ival.ival ?? 0 };
  // As a text, since it may exceed what a number holds exactly.
  if (fval !== undefined) return { kind: 'number', value: fval.fval ?? '0' };
  return { kind: 'unknown', value: sval?.sval ?? '' };
};

const cast = (
  { arg, typeName, location }: Of<'TypeCast'>,
  environment: Environment,
  refuse: (what: string) => never,
): Constant => {
  const name = (typeName?.names ?? []).map((part) => ('String' in part ? part.String.sval : '')).at(-1) ?? '';
  if ((typeName?.arrayBounds ?? []).length > 0) return refuse(`::${name}[]`);
  const kind = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
  if (kind === undefined || kind === 'null' || kind === 'unknown' || arg === undefined) return refuse(`::${name}`);
  const { value, kind: from } = constantOf(arg, environment, kind === 'interval' ? 'text' : COLUMN_TYPE[kind]);
  if (value === null) return NULL;
  const at = environment.position(location !== undefined && location >= 0 ? location : undefined);
  if (kind === 'interval') return { kind, value: lengthOf(value, arg, at, environment) };
  if (kind === 'time') {
    const { ms, isLater } = timeOf(value, at);
    return { kind, value: isLater ? value : ms };
  }
  if (kind === 'number')
    return { kind, value: /^(int|bigint|oid)/.test(name) ? String(wholeOf(value, at)) : numberOf(value, at) };
  if (kind === 'bool') return { kind, value: boolOf(value) ?? refuse(`${JSON.stringify(value)}::bool`) };
  if (from === 'time') return refuse('a time as text');
  return { kind, value: String(value) };
};

/** The length of an interval. That of a parameter is not known before the statement is executed. */
const lengthOf = (value: Value, node: Node, at: number | undefined, { parameters }: Environment): number =>
  parameters.areSamples === true && 'ParamRef' in node ? 0 : intervalMs(value, at);

const boolOf = (value: Value): boolean | null => {
  if (typeof value === 'boolean') return value;
  const text = String(value).trim().toLowerCase();
  if (/^(t|true|y|yes|on|1)$/.test(text)) return true;
  return /^(f|false|n|no|off|0)$/.test(text) ? false : null;
};

/** A negative number, and a time with an interval. */
const arithmetic = (
  { name = [], lexpr, rexpr, kind }: Of<'A_Expr'>,
  environment: Environment,
  refuse: (what: string) => never,
): Constant => {
  const operator = name.map((part) => ('String' in part ? part.String.sval : '')).join('.');
  if (kind !== 'AEXPR_OP' || rexpr === undefined || (operator !== '+' && operator !== '-'))
    return refuse(`operator ${operator}`);
  const right = constantOf(rexpr, environment, 'text');
  const sign = operator === '-' ? -1 : 1;
  if (lexpr === undefined) {
    if (right.kind !== 'number') return refuse(`operator ${operator}`);
    const text = String(right.value);
    return { kind: 'number', value: sign === 1 ? right.value : text.startsWith('-') ? text.slice(1) : `-${text}` };
  }
  const left = constantOf(lexpr, environment, 'timestamptz');
  if (left.value === null || right.value === null) return NULL;
  const isTime = left.kind === 'time' && typeof left.value === 'number';
  if (isTime && right.kind === 'interval')
    return { kind: 'time', value: Number(left.value) + sign * Number(right.value) };
  if (isTime && right.kind === 'unknown' && 'ParamRef' in rexpr) {
    return {
      kind: 'time',
      value: Number(left.value) + sign * lengthOf(right.value, rexpr, undefined, environment),
    };
  }
  return refuse(`operator ${operator} other than between a time and an interval`);
};

const ACCEPTED: Readonly<Record<ColumnType, readonly Kind[]>> = {
  text: ['text', 'unknown'],
  json: ['text', 'unknown'],
  int8: ['number', 'unknown'],
  int4: ['number', 'unknown'],
  oid: ['number', 'unknown'],
  float8: ['number', 'unknown'],
  timestamptz: ['time', 'unknown'],
  bool: ['bool', 'unknown'],
};

/** The value of a constant that is compared with something of a type. @throws 42883 if they cannot be compared */
export const valueOfType = (node: Node, type: ColumnType, environment: Environment): Value => {
  const { kind, value } = constantOf(node, environment, type);
  if (kind === 'null') return null;
  if (ACCEPTED[type].includes(kind)) {
    return type === 'bool' ? (boolOf(value) ?? bad(value, type, node, environment)) : value;
  }
  return bad(value, type, node, environment);
};

const bad = (value: Value, type: ColumnType, node: Node, environment: Environment): never => {
  const location = (Object.values(node)[0] as { readonly location?: number } | undefined)?.location;
  const state = 'ParamRef' in node ? 'invalidText' : 'undefinedFunction';
  throw sqlError(state, `${JSON.stringify(value)} cannot be compared with a ${type}`, environment.position(location));
};

/**
 * The items of an array that a condition compares with, as in `job_id = ANY('{1,2}')`, as constant expressions. Null: the
 * array is NULL.
 * @throws 0A000 for what is no constant array, 22P02 for a text that is none
 */
export const itemsOf = (node: Node, type: ColumnType, environment: Environment): readonly Node[] | null => {
  const location = (Object.values(node)[0] as { readonly location?: number } | undefined)?.location;
  const at = environment.position(location);
  if ('A_ArrayExpr' in node) return atMost(node.A_ArrayExpr.elements ?? [], at);
  if ('ParamRef' in node) {
    const values = environment.parameters.list(node.ParamRef.number ?? 0, type, at);
    return values === null ? null : atMost(values, at).map((value) => literalNode(value, location));
  }
  if ('TypeCast' in node && node.TypeCast.arg !== undefined && (node.TypeCast.typeName?.arrayBounds ?? []).length > 0) {
    const { arg, typeName } = node.TypeCast;
    const ofItem = { ...typeName, arrayBounds: [] };
    const items = itemsOf(arg, type, environment);
    return items?.map((item): Node => ({ TypeCast: { arg: item, typeName: ofItem, location } }) as Node) ?? null;
  }
  if ('A_Const' in node && node.A_Const.isnull === true) return null;
  if ('A_Const' in node && node.A_Const.sval !== undefined) {
    return arrayOf(node.A_Const.sval.sval ?? '', at).map((item) => literalNode(item, location));
  }
  throw sqlError('notSupported', "ANY and ALL are for an array, such as '{1,2}', ARRAY[1,2] or a parameter", at);
};

const literalNode = (value: Value, location: number | undefined): Node => {
  const literal =
    value === null
      ? { isnull: true }
      : typeof value === 'boolean'
        ? { boolval: { boolval: value } }
        : typeof value === 'number'
          ? { fval: { fval: String(value) } }
          : { sval: { sval: value } };
  return { A_Const: { ...literal, location } } as Node;
};
