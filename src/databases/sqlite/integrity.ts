/** Runs SQLite's integrity_check, as far as this server has the collations that the indexes need. */
import type Sqlite from 'better-sqlite3';
import { messageOf } from '../../errors.ts';
import { listTables } from './catalogue.ts';
import { codeOf } from './errors.ts';
import { quote } from './names.ts';

export interface Checked {
  /** The first faults that integrity_check finds; none in a sound file. */
  readonly faults: readonly string[];
  /** A warning for each table that cannot be checked here. */
  readonly unchecked: readonly string[];
}

export const checkIntegrity = (sql: Sqlite.Database): Checked => {
  try {
    return { faults: faultsIn(sql, '10'), unchecked: [] };
  } catch (error) {
    if (codeOf(error) !== MISSING_COLLATION) return { faults: [faultOf(error)], unchecked: [] };
  }
  // Without the collation of an index, SQLite cannot tell whether its entries are in order.
  const [faults, unchecked]: [string[], string[]] = [[], []];
  for (const { name } of listTables(sql).filter(({ type }) => type === 'table' || type === 'shadow')) {
    try {
      faults.push(...faultsIn(sql, quote(name)));
    } catch (error) {
      if (codeOf(error) === MISSING_COLLATION)
        unchecked.push(`table ${quote(name)} was not checked: ${messageOf(error)}`);
      else faults.push(faultOf(error));
    }
  }
  return { faults: faults.slice(0, 10), unchecked };
};

const MISSING_COLLATION = 'SQLITE_ERROR_MISSING_COLLSEQ';

const faultsIn = (sql: Sqlite.Database, of: string): readonly string[] => {
  const found = sql.prepare(`PRAGMA integrity_check(${of})`).pluck().all() as string[];
  const lines = found.flatMap((text) => text.split('\n'));
  return lines.filter((line) => line !== 'ok' && !line.startsWith('***')).map(withoutRows);
};

/** The numbers of rows are values. */
const withoutRows = (fault: string) => fault.replace(/\b(row(?:id)?) -?\d+/gi, 'a $1');

const faultOf = (error: unknown): string => {
  if (!/^SQLITE_(CORRUPT|ERROR)/.test(codeOf(error))) throw error;
  return messageOf(error);
};
