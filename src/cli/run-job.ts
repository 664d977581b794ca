/** Jobs that a command creates and waits for. */
import type { Client, Job } from '../client/index.ts';
import { createProgress } from './progress.ts';
import { print, printError, printJson } from './server-options.ts';

const ENDED = ['SUCCEEDED', 'FAILED', 'CANCELED', 'PAUSED'];

/** The job goes on when this program is stopped. */
export const untilEnded = async (client: Client, id: string): Promise<Job> => {
  const progress = createProgress();
  process.once('SIGINT', () => {
    progress.end();
    printError(`job ${id} goes on: signalbox job ${id} shows it, signalbox cancel ${id} undoes it`);
    process.exit(130);
  });
  for await (const [job] of client.watch({ id: { equals: id } })) {
    if (job === undefined) continue;
    progress.show(job.status.toLowerCase(), job.fractionCompleted ?? null, counts(job));
    if (!ENDED.includes(job.status)) continue;
    progress.end();
    return job;
  }
  throw new Error(`job ${id} is not there any more`);
};

export const counts = ({ counters }: Job) =>
  counters
    .filter(({ name, value }) => name === 'rows' || value > 0)
    .filter(({ name }) => name !== 'bytes')
    .map(({ name, value }) => `${value.toLocaleString('en')} ${name}`)
    .join(', ');

/** Creates a job, shows its progress to its end, and prints what it did. Exit code 1 unless it has succeeded. */
export const runJob = async (client: Client, typeName: string, input: object, json: boolean): Promise<void> => {
  const { job } = await client.create(typeName, input);
  const ended = await untilEnded(client, job.id);
  if (json) printJson(ended);
  else print(`${ended.status}: ${counts(ended) || ended.description}`);
  for (const warning of ended.warnings) printError(`warning: ${warning}`);
  if (ended.status === 'SUCCEEDED') return;
  printError(ended.error ?? ended.pauseReason ?? '');
  process.exitCode = 1;
};
