/** Where an input has secrets: the paths, such as `sources.0`, whose values are not stored as they were sent. */

type Branch = Readonly<Record<string, unknown>>;
const isBranch = (value: unknown): value is Branch => typeof value === 'object' && value !== null;
const isAbsent = (value: unknown) => value === undefined || value === null;

/** The paths at which the stored input differs from the input as it was sent. */
export const secretPathsOf = (input: unknown, stored: unknown, path = ''): readonly string[] => {
  if (isAbsent(input) || input === stored) return [];
  if (!isBranch(input) || !isBranch(stored)) return [path];
  return Object.entries(input).flatMap(([name, value]) =>
    secretPathsOf(value, stored[name], path === '' ? name : `${path}.${name}`),
  );
};

/** The paths at which a stored input shows redacted URLs, for jobs whose paths were not stored. */
export const redactedPaths = (stored: unknown, path = ''): readonly string[] => {
  if (typeof stored === 'string') return /(?:[=:#]|\/\/)redacted(?:[&#@]|$)/.test(stored) ? [path] : [];
  if (!isBranch(stored)) return [];
  return Object.entries(stored).flatMap(([name, value]) =>
    redactedPaths(value, path === '' ? name : `${path}.${name}`),
  );
};

export const valueAt = (input: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((part, name) => (isBranch(part) ? part[name] : undefined), input);

/** A copy of the input with this value at the path. */
export const withValueAt = (input: unknown, [name, ...rest]: readonly string[], value: unknown): unknown => {
  if (name === undefined) return value;
  if (Array.isArray(input)) return input.map((part, n) => (String(n) === name ? withValueAt(part, rest, value) : part));
  const branch = isBranch(input) ? input : {};
  return { ...branch, [name]: withValueAt(branch[name], rest, value) };
};
