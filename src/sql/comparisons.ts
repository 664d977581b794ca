/** Comparisons of one field with a constant, as filters. */
import type { Filter } from '../jobs/filter.ts';

/** Every job, or none. */
export type Constant = 'all' | 'none';
export type Condition = Filter | Constant;

const OPERATORS: Readonly<Record<string, string>> = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' };

/** Ids are from 1 to 2^53 - 1; no job has another number. */
export const idFilter = (operator: string, id: bigint): Condition => {
  const largest = BigInt(Number.MAX_SAFE_INTEGER);
  if (id < 1n) return operator === '>' || operator === '>=' || operator === '<>' ? 'all' : 'none';
  if (id > largest) return operator === '<' || operator === '<=' || operator === '<>' ? 'all' : 'none';
  const name = operator === '=' ? 'equals' : operator === '<>' ? 'not' : OPERATORS[operator];
  return { id: { [String(name)]: String(id) } };
};

/** Times here are whole milliseconds: one that lies between two of them is equal to none. */
export const timeFilter = (
  field: string,
  operator: string,
  { ms, isLater }: { readonly ms: number; readonly isLater: boolean },
): Condition => {
  if (isLater) {
    if (operator === '=') return 'none';
    if (operator === '<>') return { [field]: { isNull: false } };
    return { [field]: operator.startsWith('<') ? { lte: ms } : { gt: ms } };
  }
  return numberFilter(field, operator, ms);
};

export const numberFilter = (field: string, operator: string, value: number): Condition => {
  if (operator === '=') return { [field]: { gte: value, lte: value } };
  if (operator === '<>') return { or: [{ [field]: { lt: value } }, { [field]: { gt: value } }] };
  return { [field]: { [String(OPERATORS[operator])]: value } };
};
