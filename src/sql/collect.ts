/** A statement and its whole answer, as the API returns it. */
import type { JobId } from '../jobs/job.ts';
import type { Column, Row, Value } from './columns.ts';
import { execute } from './execute.ts';
import { onlyStatement } from './parse.ts';
import { type Caller, type Notice, Settings } from './session.ts';
import { parametersOf } from './values.ts';

export interface Collected {
  readonly tag: string;
  readonly columns: readonly Column[];
  readonly rows: readonly Row[];
  readonly truncated: boolean;
  readonly notices: readonly Notice[];
  readonly jobs: readonly JobId[];
}

interface Request {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  readonly maxRows: number;
  readonly mayWrite: boolean;
}

/** @throws SignalboxError */
export const collect = async ({ sql, parameters, maxRows, mayWrite }: Request, caller: Caller): Promise<Collected> => {
  const notices: Notice[] = [];
  const { columns, rows, tag, jobs } = await execute(onlyStatement(sql), {
    caller,
    parameters: parametersOf(parameters),
    settings: new Settings(),
    notice: (notice) => void notices.push(notice),
    mayWait: false,
    mayWrite,
    signal: caller.operation.signal ?? new AbortController().signal,
  });
  const kept: Row[] = [];
  let truncated = false;
  for await (const row of rows) {
    if (kept.length >= maxRows) {
      truncated = true;
      break;
    }
    kept.push(columns === null ? row : row.map((value, index) => jsonOf(value, columns[index])));
  }
  return { tag: tag(kept.length), columns: columns ?? [], rows: kept, truncated, notices, jobs };
};

const jsonOf = (value: Value, column: Column | undefined): Value => {
  if (value === null) return null;
  if (column?.type === 'timestamptz') return new Date(Number(value)).toISOString();
  return column?.type === 'int8' ? Number(value) : value;
};
