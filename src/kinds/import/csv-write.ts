/** Writes CSV that an import with the default options reads back: NULL is an empty field, and an empty text is quoted. */
export const csvLine = (fields: readonly (string | null)[]): string => fields.map(csvField).join(',');

const csvField = (field: string | null): string => {
  if (field === null) return '';
  return field === '' || /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
};
