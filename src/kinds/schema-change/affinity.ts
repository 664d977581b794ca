export type Affinity = 'INTEGER' | 'TEXT' | 'BLOB' | 'REAL' | 'NUMERIC';

/** How SQLite stores values in a column of this type. */
export const affinityOf = (type: string, strict: boolean): Affinity => {
  const name = type.toUpperCase();
  // Takes any value as it is; elsewhere it is a name like any other.
  if (strict && name === 'ANY') return 'BLOB';
  if (name.includes('INT')) return 'INTEGER';
  if (/CHAR|CLOB|TEXT/.test(name)) return 'TEXT';
  if (name === '' || name.includes('BLOB')) return 'BLOB';
  return /REAL|FLOA|DOUB/.test(name) ? 'REAL' : 'NUMERIC';
};

/**
 * Whether a value that is stored under one type can be read under the other, and is allowed there. Two names of a STRICT
 * table are two types; elsewhere it is the affinity that counts.
 */
export const isSameType = (one: string, other: string, strict: boolean): boolean =>
  strict
    ? one.toUpperCase().replace(/^INT$/, 'INTEGER') === other.toUpperCase().replace(/^INT$/, 'INTEGER')
    : affinityOf(one, false) === affinityOf(other, false);
