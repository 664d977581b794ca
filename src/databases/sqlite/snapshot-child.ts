/** Has a snapshot made by a process of its own, and kills it when it is not wanted any more. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Transient } from '../../jobs/kind.ts';
import { threadFile } from '../../rpc/entry-point.ts';
import type { Snapshot, SnapshotOrder } from './snapshot.ts';

export type SnapshotAnswer =
  | { readonly snapshot: Snapshot }
  | { readonly error: string; readonly isTransient: boolean };

export interface Making {
  /** @throws Transient for what may pass, and when the process ended under it; any other error is for good */
  readonly made: Promise<Snapshot>;
  /** Resolves once nothing is written any more. */
  kill(): Promise<void>;
}

export const startSnapshot = (order: SnapshotOrder): Making => {
  const file = fileURLToPath(threadFile('snapshot-process'));
  const child = spawn(process.execPath, [file, JSON.stringify(order)], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let answer = '';
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // It is told nothing: it ends when this end is closed.
  child.stdin.on('error', () => undefined);
  const ended = new Promise<void>((resolve, reject) => {
    child.once('close', () => resolve()).once('error', reject);
  });
  const made = ended.then(() => snapshotOf(answer, said));
  made.catch(() => undefined);
  return {
    made,
    kill: async () => {
      child.kill('SIGKILL');
      await ended.catch(() => undefined);
    },
  };
};

const snapshotOf = (answer: string, said: string): Snapshot => {
  if (!answer.endsWith('\n')) {
    throw new Transient(`the process that takes the snapshot ended by itself ${said.slice(0, 500)}`.trimEnd());
  }
  const result = JSON.parse(answer) as SnapshotAnswer;
  if ('snapshot' in result) return result.snapshot;
  throw result.isTransient ? new Transient(result.error) : new Error(result.error);
};
