/** Tables for people: columns as wide as their content, and lines no wider than the terminal. */
import type { Job } from '../client/index.ts';
import { visible } from '../terminal.ts';

/** @param rows texts of other people: what would act on the terminal is escaped */
export const tableOf = (
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width = process.stdout.columns ?? Number.POSITIVE_INFINITY,
): string => {
  const lines = [header, ...rows.map((row) => row.map(visible))];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines
    .map((line) => line.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .map((line) => (line.length <= width ? line : `${line.slice(0, width - 1)}…`))
    .join('\n');
};

export const jobsTable = (jobs: readonly Job[]): string =>
  tableOf(
    ['ID', 'TYPE', 'STATUS', 'DONE', 'USER', 'CREATED', 'DESCRIPTION'],
    jobs.map((job) => [
      job.id,
      job.typeName,
      job.status,
      doneOf(job),
      job.userName,
      String(job.createdAt).replace(/\.\d+Z$/, 'Z'),
      job.description,
    ]),
  );

const doneOf = ({ fractionCompleted }: Job): string =>
  fractionCompleted == null ? '' : `${Math.floor(fractionCompleted * 100)}%`;

/** Everything about a job, a line each. */
export const jobDetails = (job: Job): string => {
  const { counters, warnings, inputJson, availableCommands, ...fields } = job;
  const lines: readonly (readonly [string, unknown])[] = [
    ...Object.entries(fields),
    ...counters.map(({ name, value }) => [`counter ${name}`, value] as const),
    ...warnings.map((warning) => ['warning', warning] as const),
    ['input', inputJson == null ? null : JSON.stringify(inputJson)],
    ['availableCommands', availableCommands.join(', ')],
  ];
  const shown = lines.filter(([, value]) => value != null && value !== '');
  const width = Math.max(...shown.map(([name]) => name.length));
  return shown.map(([name, value]) => `${name.padEnd(width)}  ${visible(String(value))}`).join('\n');
};
