/** SELECT: from the jobs, from the catalogue, or from nothing. */
import { nameIn, readsCatalogue, selectCatalogue } from './catalogue.ts';
import type { Column, ColumnType, Row } from './columns.ts';
import { constantOf, type Environment } from './constants.ts';
import { sqlError } from './errors.ts';
import type { Source } from './parse.ts';
import { type ParsedSelect, parseSelect } from './postgres.ts';
import { selectJobs } from './read-jobs.ts';
import { readSelect } from './select.ts';
import { type Answer, environmentOf, type Session, table } from './session.ts';
import type { Nested } from './statement.ts';

export const selectRows = async (nested: Nested, { text, tokens }: Source, session: Session): Promise<Answer> => {
  const parsed = await parseSelect(text, tokens, nested);
  const environment = { ...environmentOf(session), position: parsed.positionOf };
  if (readsCatalogue(parsed)) return selectCatalogue(parsed, session, environment);
  if (isConstant(parsed)) return selectConstants(parsed, environment);
  return selectJobs(session, readSelect(parsed, environment));
};

const isConstant = ({ select }: ParsedSelect): boolean =>
  select.fromClause === undefined &&
  select.whereClause === undefined &&
  select.op === 'SETOP_NONE' &&
  select.valuesLists === undefined;

const TYPES: Readonly<Record<string, ColumnType>> = { number: 'int8', bool: 'bool', time: 'timestamptz' };

/** SELECT 1, SELECT version(), current_user … */
const selectConstants = ({ select, positionOf }: ParsedSelect, environment: Environment): Answer => {
  const columns: Column[] = [];
  const row: Row[number][] = [];
  for (const node of select.targetList ?? []) {
    if (!('ResTarget' in node) || node.ResTarget.val === undefined)
      throw sqlError('notSupported', 'this column is not supported');
    const { name, val, location } = node.ResTarget;
    if ('ColumnRef' in val)
      throw sqlError('undefinedColumn', `column ${JSON.stringify(nameIn(val))} does not exist`, positionOf(location));
    const { kind, value } = constantOf(val, environment);
    const isWhole = /^-?\d+$/.test(String(value));
    columns.push({
      name: name ?? nameIn(val),
      type: kind === 'number' && !isWhole ? 'float8' : (TYPES[kind] ?? 'text'),
    });
    row.push(value);
  }
  return table(columns, [row]);
};
