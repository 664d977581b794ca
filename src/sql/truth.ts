/**
 * Conditions in SQL's logic. SQL has three truth values and a filter two, so an expression has two filters: one for the
 * jobs for which it is true, and one for those for which it is false. NOT exchanges them; a comparison with an absent
 * value is in neither.
 */
import type { Filter } from '../jobs/filter.ts';
import type { Condition, Constant } from './comparisons.ts';

export interface Truth {
  readonly true: Condition;
  readonly false: Condition;
}

const isConstant = (condition: Condition): condition is Constant => typeof condition === 'string';
const isAnd = (part: Condition): part is { and: readonly Filter[] } => !isConstant(part) && Array.isArray(part.and);
const isOr = (part: Condition): part is { or: readonly Filter[] } => !isConstant(part) && Array.isArray(part.or);

export const allOf = (parts: readonly Condition[]): Condition => {
  if (parts.includes('none')) return 'none';
  const filters = parts.flatMap((part): readonly Filter[] => (isConstant(part) ? [] : isAnd(part) ? part.and : [part]));
  return filters.length === 0 ? 'all' : filters.length === 1 ? (filters[0] as Filter) : { and: filters };
};
export const anyOf = (parts: readonly Condition[]): Condition => {
  if (parts.includes('all')) return 'all';
  const filters = parts.flatMap((part): readonly Filter[] => (isConstant(part) ? [] : isOr(part) ? part.or : [part]));
  return filters.length === 0 ? 'none' : filters.length === 1 ? (filters[0] as Filter) : { or: filters };
};

export const CONSTANTS: Readonly<Record<'true' | 'false' | 'null', Truth>> = {
  true: { true: 'all', false: 'none' },
  false: { true: 'none', false: 'all' },
  null: { true: 'none', false: 'none' },
};
export const not = (truth: Truth): Truth => ({ true: truth.false, false: truth.true });
export const all = (parts: readonly Truth[]): Truth => ({
  true: allOf(parts.map((part) => part.true)),
  false: anyOf(parts.map((part) => part.false)),
});
export const any = (parts: readonly Truth[]): Truth => not(all(parts.map(not)));

/** `{ or: [{ f: { equals: a } }, { f: { equals: b } }] }` as `{ f: { in: [a, b] } }`, and its negation accordingly. */
export const mergedIn = (truth: Truth): Truth => {
  if (!isOr(truth.true)) return truth;
  const merged = mergedValues(truth.true.or, 'equals');
  const excluded = isAnd(truth.false) ? mergedValues(truth.false.and, 'not') : null;
  if (merged === null) return truth;
  const isIn = { [merged.field]: { in: merged.values } };
  if (excluded === null) return { true: isIn, false: truth.false };
  const isNull = merged.field === 'id' || merged.field === 'status' ? {} : { isNull: false };
  return { true: isIn, false: { [merged.field]: { notIn: excluded.values, ...isNull } } };
};
const mergedValues = (filters: readonly Filter[], operator: string) => {
  const fields = new Set(filters.map((filter) => Object.keys(filter).join()));
  const [field = ''] = fields;
  if (fields.size !== 1) return null;
  const values = filters.map((filter) => (filter[field] as Readonly<Record<string, unknown>> | undefined)?.[operator]);
  return values.includes(undefined) ? null : { field, values };
};
