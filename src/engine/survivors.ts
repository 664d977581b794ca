/**
 * Work processes end with their server. If one survives, because it hangs in the operating system or was suspended, the
 * next server kills it before it claims a job. To this end each running process has a file, named by its process id,
 * that holds its start time: by then the id alone may belong to another program.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { killGroup } from './work-process.ts';

export interface ProcessRecords {
  add(pid: number): void;
  remove(pid: number): void;
}

export const recordProcesses = (folder: string): ProcessRecords => ({
  add: (pid) => writeFileSync(join(folder, String(pid)), startOf(pid) ?? '', { mode: 0o600 }),
  remove: (pid) => rmSync(join(folder, String(pid)), { force: true }),
});

const POLL_MS = 20;
const LONGEST_MS = 30_000;

/** Kills the surviving processes recorded in a folder and waits for them to end. Returns how many there were. */
export const killSurvivors = async (folder: string): Promise<number> => {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const files = readdirSync(folder).filter((name) => /^\d+$/.test(name));
  const left = files.filter((name) => isRunning(folder, name));
  for (const name of left) killGroup(Number(name));
  const until = performance.now() + LONGEST_MS;
  while (left.some((name) => isRunning(folder, name))) {
    if (performance.now() > until) throw new Error(`processes ${left.join(', ')} of an earlier server do not end`);
    await sleep(POLL_MS);
  }
  for (const name of files) rmSync(join(folder, name), { force: true });
  return left.length;
};

const isRunning = (folder: string, name: string): boolean => {
  const recorded = readFileSync(join(folder, name), 'utf8');
  return recorded !== '' && startOf(Number(name)) === recorded;
};

/**
 * The start time of a process as the system reports it; null if no such process exists or it has ended but is not
 * reaped.
 */
const startOf = (pid: number): string | null => {
  try {
    if (process.platform === 'linux') return linuxStartOf(pid);
    if (process.platform === 'win32') return null;
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim() || null;
  } catch {
    return null;
  }
};

const linuxStartOf = (pid: number): string | null => {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The program name, in parentheses, may contain spaces; the state follows it.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return null;
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${fields[18]}`;
};
