const MAX_SHOWN = 100;

/**
 * Formats a value for a message: quoted, on one line, truncated. The marks of letters that are composed of several
 * characters are escaped where one character exists, so that `é` differs from `e` with an accent.
 */
export const show = (value: string | null): string => {
  if (value === null) return 'NULL';
  const shown = value.length <= MAX_SHOWN ? value : `${value.slice(0, MAX_SHOWN)}…`;
  const quoted = JSON.stringify(shown);
  return shown.normalize('NFC') === shown ? quoted : quoted.replace(/\p{M}/gu, escaped);
};

const escaped = (mark: string): string => `\\u{${(mark.codePointAt(0) ?? 0).toString(16)}}`;
