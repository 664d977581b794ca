/** Fields of an input that are kept apart from it. */

export const REDACTED = 'redacted';

/** The input as it is shown, and the values of its secret fields. */
export const withoutSecrets = (given: Readonly<Record<string, unknown>>, fields: readonly string[]) => {
  const secrets: Record<string, string> = {};
  const shown: Record<string, unknown> = { ...given };
  for (const field of fields) {
    const value = given[field];
    if (typeof value !== 'string') continue;
    secrets[field] = value;
    shown[field] = REDACTED;
  }
  return [shown, secrets] as const;
};
