/**
 * The types that a column can be declared with: SQLite's own names and the common names of PostgreSQL, CockroachDB and
 * MySQL. docs/types.md is the table for people.
 */

import { type Affinity, affinityOf } from '../catalogue.ts';

/** What a value of a type must look like, and how it is stored; see stored-value.ts. */
export type Family =
  | 'integer'
  | 'real'
  | 'decimal'
  | 'boolean'
  | 'text'
  | 'bytes'
  | 'blob'
  | 'date'
  | 'time'
  | 'timestamp'
  | 'uuid'
  | 'json'
  | 'bits'
  | 'any';

export interface DeclaredType {
  readonly family: Family;
  /** The range of an integer. */
  readonly min?: bigint;
  readonly max?: bigint;
  /** The maximum length: in characters of text, in bytes, or in bits. */
  readonly length?: number;
  /** The number of digits of a decimal, and how many of them follow the point. */
  readonly precision?: number;
  readonly scale?: number;
}

const signed = (bits: bigint): Partial<DeclaredType> => ({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n });
/** SQLite stores no integer beyond 64 bits with a sign. */
const unsigned = (bits: bigint): Partial<DeclaredType> => ({
  min: 0n,
  max: bits === 64n ? 2n ** 63n - 1n : 2n ** bits - 1n,
});

/** The number of values that may follow a name in parentheses, and their meaning. `width` means nothing, as in INT(11). */
type Parameters = 'none' | 'width' | 'length' | 'decimal' | 'fraction';

interface Known extends Partial<DeclaredType> {
  readonly names: readonly string[];
  readonly family: Family;
  readonly parameters?: Parameters;
}

const KNOWN: readonly Known[] = [
  {
    names: ['integer', 'int', 'int8', 'int64', 'bigint', 'bigserial', 'serial8', 'signed big int'],
    family: 'integer',
    ...signed(64n),
    parameters: 'width',
  },
  { names: ['int4', 'serial4', 'oid'], family: 'integer', ...signed(32n), parameters: 'width' },
  { names: ['serial'], family: 'integer', ...signed(64n) },
  { names: ['mediumint'], family: 'integer', ...signed(24n), parameters: 'width' },
  { names: ['smallint', 'int2', 'smallserial', 'serial2'], family: 'integer', ...signed(16n), parameters: 'width' },
  { names: ['tinyint'], family: 'integer', ...signed(8n), parameters: 'width' },
  { names: ['year'], family: 'integer', min: 0n, max: 9999n, parameters: 'width' },
  {
    names: ['unsigned big int', 'bigint unsigned', 'integer unsigned', 'int unsigned'],
    family: 'integer',
    ...unsigned(64n),
    parameters: 'width',
  },
  { names: ['mediumint unsigned'], family: 'integer', ...unsigned(24n), parameters: 'width' },
  { names: ['smallint unsigned'], family: 'integer', ...unsigned(16n), parameters: 'width' },
  { names: ['tinyint unsigned'], family: 'integer', ...unsigned(8n), parameters: 'width' },
  { names: ['real', 'float', 'float4', 'float8', 'double', 'double precision'], family: 'real', parameters: 'decimal' },
  { names: ['numeric', 'decimal', 'dec', 'fixed', 'number'], family: 'decimal', parameters: 'decimal' },
  { names: ['money', 'smallmoney'], family: 'decimal' },
  { names: ['boolean', 'bool'], family: 'boolean' },
  {
    names: [
      ...['text', 'string', 'varchar', 'char', 'character', 'character varying', 'char varying', 'varying character'],
      ...['nchar', 'nvarchar', 'native character', 'national character', 'national varchar', 'nvarchar2', 'varchar2'],
      ...['bpchar', 'clob', 'nclob', 'citext'],
    ],
    family: 'text',
    parameters: 'length',
  },
  {
    names: [
      ...['tinytext', 'mediumtext', 'longtext', 'ntext', 'name', 'xml', 'inet', 'inet4', 'inet6', 'cidr', 'macaddr'],
      ...['macaddr8', 'interval', 'enum', 'set', 'tsvector', 'tsquery', 'hstore', 'ltree', 'point', 'line', 'polygon'],
      ...['lseg', 'box', 'path', 'circle', 'geometry', 'geography', 'int4range', 'int8range', 'numrange', 'tsrange'],
      ...['tstzrange', 'daterange', 'vector', 'pg_lsn'],
    ],
    family: 'text',
  },
  { names: ['blob', 'tinyblob', 'mediumblob', 'longblob'], family: 'blob', parameters: 'length' },
  { names: ['bytea', 'bytes', 'binary', 'varbinary', 'binary varying', 'raw'], family: 'bytes', parameters: 'length' },
  { names: ['date'], family: 'date' },
  {
    names: ['time', 'timetz', 'time with time zone', 'time without time zone'],
    family: 'time',
    parameters: 'fraction',
  },
  {
    names: [
      ...['timestamp', 'timestamptz', 'datetime', 'timestamp with time zone', 'timestamp without time zone'],
      ...['datetime2', 'smalldatetime', 'datetimeoffset'],
    ],
    family: 'timestamp',
    parameters: 'fraction',
  },
  { names: ['uuid', 'uniqueidentifier', 'guid'], family: 'uuid' },
  { names: ['json', 'jsonb'], family: 'json' },
  { names: ['bit', 'varbit', 'bit varying'], family: 'bits', parameters: 'length' },
  { names: ['any'], family: 'any' },
];

const BY_NAME: ReadonlyMap<string, Known> = new Map(
  KNOWN.flatMap((known) => known.names.map((name) => [name, known] as const)),
);

export const TYPE_NAMES: readonly string[] = [...BY_NAME.keys()];

/** The name, its parameters wherever they stand, and `[]` of an array. */
const TYPE =
  /^\s*([a-z_][a-z0-9_ ]*?)\s*(?:\(\s*(\d{1,9})\s*(?:,\s*(\d{1,9})\s*)?\)\s*([a-z][a-z ]*?)?)?\s*((?:\[\s*\d*\s*\]\s*)*)$/i;

/** Returns null for a name that is not known. */
export const readType = (declared: string): DeclaredType | null => {
  const [, before = '', first, second, after = '', array = ''] = TYPE.exec(declared) ?? [];
  const known = BY_NAME.get(`${before} ${after}`.trim().replace(/\s+/g, ' ').toLowerCase());
  if (known === undefined) return null;
  const { names: _, parameters = 'none', ...type } = known;
  if (first !== undefined && parameters === 'none') return null;
  if (second !== undefined && parameters !== 'decimal') return null;
  // An array is kept as its text.
  if (array !== '') return { family: 'text' };
  if (first === undefined) return type;
  if (parameters === 'length') return { ...type, length: Number(first) };
  if (type.family === 'decimal') return { ...type, precision: Number(first), scale: Number(second ?? 0) };
  return type;
};

/** The known name that is nearest to a misspelled one; null if none is near. */
export const nearestType = (declared: string): string | null => {
  const name = declared
    .replace(/[([].*$/s, '')
    .trim()
    .toLowerCase()
    .slice(0, 40);
  const [nearest = ''] = [...BY_NAME.keys()].sort((a, b) => distance(name, a) - distance(name, b));
  return distance(name, nearest) <= Math.max(2, nearest.length / 3) ? nearest.toUpperCase() : null;
};

/** Why a type cannot be declared; null if it is known. */
export const typeProblem = (declared: string): string | null => {
  if (readType(declared) !== null) return null;
  const nearest = nearestType(declared);
  return `is not the name of a type: ${nearest === null ? 'docs/types.md lists them' : `the nearest is ${nearest}`}`;
};

/** The number of letters to insert, remove or replace (Levenshtein). */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...one].entries()) {
    const next = [i + 1];
    for (const [j, against] of [...other].entries()) {
      const replaced = (row[j] ?? 0) + (letter === against ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[other.length] ?? 0;
};

/** The affinities under which the values of a family are stored unchanged. The first one names the type if none is met. */
const KEEPS: Readonly<Record<Family, readonly Affinity[]>> = {
  integer: ['INTEGER', 'NUMERIC'],
  real: ['REAL'],
  decimal: ['NUMERIC'],
  boolean: ['NUMERIC', 'INTEGER'],
  text: ['TEXT'],
  bytes: ['BLOB'],
  blob: ['BLOB'],
  // Their texts are never read as numbers.
  date: ['NUMERIC', 'TEXT'],
  time: ['NUMERIC', 'TEXT'],
  timestamp: ['NUMERIC', 'TEXT'],
  uuid: ['TEXT'],
  json: ['TEXT'],
  bits: ['TEXT'],
  any: ['BLOB'],
};

/**
 * The type to declare in SQLite, so that it changes no value: the declared one where its affinity permits, otherwise
 * SQLite's own. `STRING` would turn `00601` into 601, and INTERVAL has the affinity of an integer.
 * @param isStrict the table is STRICT: SQLite knows its own names only
 */
export const sqliteTypeOf = (declared: string, isStrict: boolean): string => {
  const type = readType(declared);
  if (type === null || isStrict) return declared;
  if (type.family === 'any') return 'BLOB';
  const affinities = KEEPS[type.family];
  if (IN_GRAMMAR.test(declared) && affinities.includes(affinityOf(declared, false))) return declared.trim();
  return SHORT[type.family] ?? affinities[0] ?? declared;
};

/** What SQLite's grammar takes as the name of a type: nothing behind the parameters, and no word of a statement. */
const IN_GRAMMAR = /^\s*(?!.*\b(?:with|without|set|collate)\b)[a-z_][a-z0-9_ ]*(?:\([\d ,]*\))?\s*$/i;

const SHORT: Partial<Readonly<Record<Family, string>>> = { date: 'DATE', time: 'TIME', timestamp: 'TIMESTAMP' };
