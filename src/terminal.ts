/**
 * Text of other people for a terminal, in one line: control characters and changes of direction would act on the
 * terminal.
 */
export const visible = (text: string): string =>
  text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (one) => `\\u{${one.codePointAt(0)?.toString(16)}}`);

/** The same for several lines. */
export const visibleLines = (text: string): string => text.split('\n').map(visible).join('\n');
