import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Whether a process runs; one that waits to be reaped does not. */
export const isAlive = (pid: number): boolean => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(')') + 2));
  } catch {
    return false;
  }
};

/** The work processes of the server on a data folder. */
export const workProcesses = (dataDir: string): readonly number[] =>
  readdirSync(join(dataDir, 'processes')).map(Number);

export const untilTrue = async (condition: () => boolean | Promise<boolean>): Promise<void> => {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
};
