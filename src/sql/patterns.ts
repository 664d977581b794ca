/** LIKE and ILIKE of a column. */
import { foldAscii } from '../jobs/filter.ts';
import { matcherOf, patternProblem } from '../jobs/pattern.ts';
import { JOB_STATUSES } from '../jobs/status.ts';
import { statusWord, typeWord } from './columns.ts';
import type { Condition } from './comparisons.ts';
import { sqlError } from './errors.ts';
import { allOf, anyOf, type Truth } from './truth.ts';

export type PatternOperator = 'like' | 'ilike';

/** Patterns are compared with the words that SHOW JOBS shows: those of statuses and types are not the stored ones. */
export const likeOf = (
  field: string,
  operator: PatternOperator,
  pattern: string,
  position: number | undefined,
): Truth => {
  const problem = patternProblem(pattern);
  if (problem !== null) throw sqlError('invalidValue', `the pattern ${problem}`, position);
  if (field === 'status') return ofStatus(operator, pattern);
  const matches = { [field]: { [operator]: pattern } };
  if (field === 'typeName') return ofType(matches, matcher(operator, pattern)(typeWord(SPELLED)));
  return { true: matches, false: allOf([{ not: matches }, { [field]: { isNull: false } }]) };
};

const matcher = (operator: PatternOperator, pattern: string): ((text: string) => boolean) => {
  if (operator === 'like') return matcherOf(pattern);
  const matches = matcherOf(foldAscii(pattern));
  return (text) => matches(foldAscii(text));
};

const ofStatus = (operator: PatternOperator, pattern: string): Truth => {
  const matches = matcher(operator, pattern);
  const among = (wanted: boolean): Condition => {
    const statuses = JOB_STATUSES.filter((status) => matches(statusWord(status)) === wanted);
    return statuses.length === 0 ? 'none' : { status: { in: statuses } };
  };
  return { true: among(true), false: among(false) };
};

/** The one type that is shown in another form than it is stored in. */
const SPELLED = 'SCHEMA_CHANGE';
const isSpelled = { typeName: { equals: SPELLED } };

const ofType = (matches: Exclude<Condition, string>, isMatch: boolean): Truth => {
  const others = (condition: Condition) => allOf([condition, { not: isSpelled }]);
  const joined = (condition: Condition, wanted: boolean) =>
    wanted ? anyOf([others(condition), isSpelled]) : others(condition);
  return { true: joined(matches, isMatch), false: joined({ not: matches }, !isMatch) };
};
