/**
 * Scans one row whose fields need more than scanRow knows: an escape character, delimiters of several or of non-ASCII
 * characters, white space around fields, or quoted fields that are NULL.
 */
import {
  afterBreak,
  blankLine,
  breaksIn,
  CR,
  type Escaped,
  endsLine,
  isNull,
  LF,
  lineFrom,
  openToTheEnd,
  type RowFault,
  type RowOptions,
  type Rules,
  type ScannedRow,
  tooManyLines,
} from './csv-row.ts';

/** The text of a field, and the index after it; `more` if it goes on behind the end of the text. */
type ScannedField = { readonly value: string | null; readonly end: number } | { readonly fault: RowFault } | 'more';

/** As `scanRow`. A row may also be incomplete because the text ends in an escape character. */
export function scanOptionRow(
  text: string,
  start: number,
  rules: Rules,
  options: RowOptions,
  last: boolean,
): ScannedRow | null {
  if (text.charCodeAt(start) === rules.comment) return lineFrom(text, start, null, null);
  if (endsLine(text, start)) return blankLine(text, start, rules);
  const { delimiter, endMarker } = options;
  if (endMarker !== null && text.startsWith(endMarker, start)) {
    const end = start + endMarker.length;
    if (endsLine(text, end) || (end === text.length && last)) return lineFrom(text, end, null, null);
  }
  const fields: (string | null)[] = [];
  for (let at = start; ; ) {
    const from = options.trim ? afterSpace(text, at, delimiter) : at;
    const isQuoted = from < text.length && text.charCodeAt(from) === rules.quote;
    const column = fields.length + 1;
    const field = isQuoted
      ? quotedField(text, from, rules, options, column)
      : unquotedField(text, from, rules, options, column);
    if (field === 'more') {
      if (!last) return null;
      return isQuoted ? openToTheEnd(text, column) : faultyLine(text, from, 'an escape character at the end', column);
    }
    if ('fault' in field) return lineFrom(text, from, [], field.fault);
    fields.push(field.value);
    const { end } = field;
    if (end >= text.length) return last ? { fields, fault: null, end, next: end } : null;
    if (endsLine(text, end)) return { fields, fault: null, end, next: afterBreak(text, end) };
    at = end + delimiter.length;
  }
}

const faultyLine = (text: string, from: number, reason: string, column: number): ScannedRow =>
  lineFrom(text, from, [], { reason, column });

const SPACE = 32;
const TAB = 9;

function afterSpace(text: string, from: number, delimiter: string): number {
  let at = from;
  while ((text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB) && !text.startsWith(delimiter, at)) at++;
  return at;
}

function quotedField(text: string, open: number, rules: Rules, options: RowOptions, column: number): ScannedField {
  const { quote, maxFieldLines } = rules;
  const { escapeCode, escaped, trim, quotedNulls, delimiter } = options;
  const isLimited = maxFieldLines !== Number.POSITIVE_INFINITY;
  const tooLong = (to: number) => isLimited && breaksIn(text, open, to) >= maxFieldLines;
  let value = '';
  let from = open + 1;
  let at = from;
  for (;;) {
    if (at >= text.length) return tooLong(at) ? { fault: tooManyLines(rules, column) } : 'more';
    const code = text.charCodeAt(at);
    if (code === escapeCode && escapeCode !== quote) {
      const after = unescaped(text, at + 1, escaped);
      if (after === null) return 'more';
      if (after.fault !== undefined) return { fault: { reason: after.fault, column } };
      value += text.slice(from, at) + after.text;
      at = after.next;
      from = at;
    } else if (code === quote && text.charCodeAt(at + 1) === quote) {
      value += text.slice(from, at + 1);
      at += 2;
      from = at;
    } else if (code === quote) break;
    else at++;
  }
  if (tooLong(at)) return { fault: tooManyLines(rules, column) };
  value += text.slice(from, at);
  const end = trim ? afterSpace(text, at + 1, delimiter) : at + 1;
  if (end < text.length && !endsLine(text, end) && !text.startsWith(delimiter, end)) {
    return { fault: { reason: 'text after a closing quote', column } };
  }
  return { value: quotedNulls && isNull(value, rules) ? null : value, end };
}

function unquotedField(text: string, start: number, rules: Rules, options: RowOptions, column: number): ScannedField {
  const { quote } = rules;
  const { escapeCode, escaped, trim, delimiter } = options;
  const first = delimiter.charCodeAt(0);
  let value = '';
  let from = start;
  let at = start;
  for (; at < text.length; ) {
    const code = text.charCodeAt(at);
    if (code === LF || code === CR || (code === first && text.startsWith(delimiter, at))) break;
    if (code === quote) return { fault: { reason: 'a quote in an unquoted field', column } };
    if (code === escapeCode) {
      const after = unescaped(text, at + 1, escaped);
      if (after === null) return 'more';
      if (after.fault !== undefined) return { fault: { reason: after.fault, column } };
      value += text.slice(from, at) + after.text;
      at = after.next;
      from = at;
    } else at++;
  }
  // NULL is recognized as it is written: `\N` before the backslash is removed.
  const written = text.slice(start, at);
  if (isNull(trim ? written.trimEnd() : written, rules)) return { value: null, end: at };
  value += text.slice(from, at);
  return { value: trim ? value.trimEnd() : value, end: at };
}

/** Null if the text ends in the escape character. */
function unescaped(text: string, at: number, escaped: RowOptions['escaped']): Escaped | null {
  const code = text.codePointAt(at);
  if (code === undefined) return null;
  const literal = String.fromCodePoint(code);
  return escaped(text, at) ?? { text: literal, next: at + literal.length };
}
