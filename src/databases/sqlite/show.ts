const MAX_SHOWN = 100;

/** A value as a message shows it: quoted, on one line, cut short. */
export const show = (value: string | null): string => {
  if (value === null) return 'NULL';
  return JSON.stringify(value.length <= MAX_SHOWN ? value : `${value.slice(0, MAX_SHOWN)}…`);
};
