const MAX_SHOWN = 100;

/** Formats a value for a message: quoted, on one line, truncated. */
export const show = (value: string | null): string => {
  if (value === null) return 'NULL';
  return JSON.stringify(value.length <= MAX_SHOWN ? value : `${value.slice(0, MAX_SHOWN)}…`);
};
