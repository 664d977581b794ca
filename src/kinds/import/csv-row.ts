/** The special characters of the format, as character codes; -1 stands for a character that is disabled. */
export interface Rules {
  readonly delimiter: number;
  readonly quote: number;
  readonly comment: number;
  /** The unquoted field that is read as NULL. */
  readonly nullText: string;
  readonly maxRowBytes: number;
}

export interface RowFault {
  readonly reason: string;
  /** The number of the field in its row, from 1. */
  readonly column: number;
}

export interface ScannedRow {
  /** null for a line that is not a row: a blank line or a comment. */
  readonly fields: (string | null)[] | null;
  readonly fault: RowFault | null;
  /** Index of the line break that ends the row, or of the end of the text. */
  readonly end: number;
  /** Index at which the next row begins. */
  readonly next: number;
}

export const LF = 10;
export const CR = 13;

/**
 * Scans the row that begins at `start`. Unless `last`, `text` ends in a line feed, so only an open quote can leave a
 * row incomplete; the result is then null. LF and CR LF end a row; a CR that no LF follows is data.
 */
export function scanRow(text: string, start: number, rules: Rules, last: boolean): ScannedRow | null {
  const { delimiter, quote, nullText } = rules;
  const first = text.charCodeAt(start);
  if (first === rules.comment) return lineFrom(text, start, null, null);
  if (endsLine(text, start)) return { fields: null, fault: null, end: start, next: afterBreak(text, start) };

  const fields: (string | null)[] = [];
  for (let at = start; ; ) {
    let end: number;
    if (at < text.length && text.charCodeAt(at) === quote) {
      const close = closingQuote(text, at, quote);
      if (close === -1) return last ? openToTheEnd(text, fields.length + 1) : null;
      fields.push(unquote(text, at + 1, close));
      end = close + 1;
      if (end < text.length && text.charCodeAt(end) !== delimiter && !endsLine(text, end)) {
        return lineFrom(text, end, [], { reason: 'text after a closing quote', column: fields.length });
      }
    } else {
      end = unquotedEnd(text, at, delimiter, quote);
      if (end < text.length) {
        const stop = text.charCodeAt(end);
        if (stop === quote) {
          return lineFrom(text, end, [], { reason: 'a quote in an unquoted field', column: fields.length + 1 });
        }
        if (stop === LF && text.charCodeAt(end - 1) === CR) end--;
      }
      const field = text.slice(at, end);
      fields.push(field === nullText ? null : field);
    }
    if (end >= text.length) return { fields, fault: null, end, next: end };
    if (text.charCodeAt(end) !== delimiter) return { fields, fault: null, end, next: afterBreak(text, end) };
    at = end + 1;
  }
}

// This loops over characters on purpose: for short fields it is nearly twice as fast as split and three times as fast
// as indexOf.
function unquotedEnd(text: string, from: number, delimiter: number, quote: number): number {
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === delimiter || code === LF || code === quote) break;
  }
  return at;
}

/** The index of the quote that closes the one at `open`, skipping doubled quotes; -1 if there is none. */
function closingQuote(text: string, open: number, quote: number): number {
  const mark = String.fromCharCode(quote);
  let close = text.indexOf(mark, open + 1);
  while (close !== -1 && close + 1 < text.length && text.charCodeAt(close + 1) === quote) {
    close = text.indexOf(mark, close + 2);
  }
  return close;
}

function unquote(text: string, from: number, close: number): string {
  const mark = text.charAt(close);
  const inner = text.slice(from, close);
  return inner.includes(mark) ? inner.replaceAll(mark + mark, mark) : inner;
}

function endsLine(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === LF || (code === CR && text.charCodeAt(at + 1) === LF);
}

function afterBreak(text: string, at: number): number {
  return text.charCodeAt(at) === CR ? at + 2 : at + 1;
}

/** Skips to the next line feed, quoted or not: after a misplaced quote, the quoting is ambiguous. */
function lineFrom(text: string, from: number, fields: null | [], fault: RowFault | null): ScannedRow {
  const feed = text.indexOf('\n', from);
  if (feed === -1) return { fields, fault, end: text.length, next: text.length };
  const end = text.charCodeAt(feed - 1) === CR ? feed - 1 : feed;
  return { fields, fault, end, next: feed + 1 };
}

function openToTheEnd(text: string, column: number): ScannedRow {
  return { fields: [], fault: { reason: 'quote never closed', column }, end: text.length, next: text.length };
}
